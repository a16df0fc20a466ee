# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The yardstick: what somebody would write by hand with asyncio and aiohttp for one change of one fleet.

asyncio_client.py TASK.json prints its seconds as JSON. It sends the same requests as pc_fleet: the customers page by
page, a list a customer, and for each change a fresh GET and a PATCH with the whole resource. It plans nothing, guards
nothing, knows no retry and no throttling, and verifies nothing but the name in the answer.
"""

from __future__ import annotations

import asyncio
import fnmatch
import json
import ssl
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import aiohttp

RESOURCE = "https://api.partnercenter.microsoft.com"
Session = aiohttp.ClientSession


async def sign_in(session: Session, task: dict[str, Any]) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": task["client_id"],
        "client_secret": task["client_secret"],
        "resource": RESOURCE,
    }
    address = f"{task['authority_url']}/{task['tenant_id']}/oauth2/token"
    async with session.post(address, data=form) as answer:
        answer.raise_for_status()
        return str((await answer.json())["access_token"])


async def send(session: Session, method: str, path: str, body: Any = None, **headers: str) -> Any:
    headers = {"MS-RequestId": str(uuid.uuid4()), "MS-CorrelationId": str(uuid.uuid4()), **headers}
    async with session.request(method, path, json=body, headers=headers) as answer:
        answer.raise_for_status()
        return json.loads((await answer.read()).decode("utf-8-sig"))


async def customers(session: Session) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    path, headers = "/v1/customers?size=500", {}
    while True:
        try:
            page = await send(session, "GET", path, **headers)
        except aiohttp.ClientResponseError as error:
            # A full last page has a token, too, which leads nowhere.
            if found and error.status == 400:
                return found
            raise
        found += page["items"]
        link = page["links"].get("next")
        if link is None:
            return found
        path, headers = f"/v1{link['uri']}", {"MS-ContinuationToken": page["continuationToken"]}


async def at_once(work: Callable[[Any], Awaitable[None]], items: Iterable[Any], workers: int) -> None:
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await work(item)

    await asyncio.gather(*(worker() for _number in range(workers)))


async def bring(task: dict[str, Any], session: Session) -> int:
    """The changes made."""
    todo: list[tuple[str, str]] = []

    async def look(customer: dict[str, Any]) -> None:
        answer = await send(session, "GET", f"/v1/customers/{customer['id']}/subscriptions")
        todo.extend(
            (f"/v1/customers/{customer['id']}/subscriptions/{one['id']}", customer["companyProfile"]["companyName"])
            for one in answer["items"]
            if fnmatch.fnmatch(one["friendlyName"].lower(), task["glob"].lower())
        )

    async def rename(job: tuple[str, str]) -> None:
        path, customer_name = job
        resource = await send(session, "GET", path)
        resource["friendlyName"] = f"{customer_name} - {resource['offerName']}"
        etag = resource.get("attributes", {}).get("etag")
        headers = {"If-Match": f'"{etag}"'} if etag else {}
        answer = await send(session, "PATCH", path, resource, **headers)
        if answer["friendlyName"] != resource["friendlyName"]:
            raise RuntimeError(f"{path} was not renamed")

    await at_once(look, await customers(session), task["concurrency"])
    await at_once(rename, todo, task["concurrency"])
    return len(todo)


async def main(task: dict[str, Any]) -> None:
    start = time.monotonic()
    context = ssl.create_default_context(cafile=task["ca_path"])
    connector = aiohttp.TCPConnector(limit=task["concurrency"], ssl=context)
    async with Session(connector=connector) as session:
        token = await sign_in(session, task)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        async with Session(task["api_url"], connector=connector, connector_owner=False, headers=headers) as api:
            changed = await bring(task, api)
    print(json.dumps({"seconds": round(time.monotonic() - start, 3), "changed": changed}))


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
