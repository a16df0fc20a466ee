# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""partnercenterservices, the client generated from Microsoft's own description of the API, as its users call it.

generated_client.py TASK.json prints its seconds as JSON: one call after another, or ``threads`` at a time. Only the
first ``sample`` customers are worked on; ``fixed_seconds`` is what does not depend on their number.
"""

from __future__ import annotations

import fnmatch
import json
import ssl
import sys
import time
import types
import urllib.parse
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

RESOURCE = "https://api.partnercenter.microsoft.com"


def sign_in(task: dict[str, Any]) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": task["client_id"],
        "client_secret": task["client_secret"],
        "resource": RESOURCE,
    }
    context = ssl.create_default_context(cafile=task["ca_path"])
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    address = f"{task['authority_url']}/{task['tenant_id']}/oauth2/token"
    with opener.open(address, data=urllib.parse.urlencode(form).encode()) as answer:
        return str(json.load(answer)["access_token"])


def client_of(task: dict[str, Any]) -> Any:
    # The package asks for pkg_resources, which setuptools has given up, only to declare its namespace.
    stand_in = types.ModuleType("pkg_resources")
    stand_in.declare_namespace = lambda _name: None  # type: ignore[attr-defined]
    sys.modules["pkg_resources"] = stand_in
    from microsoft.store import partnercenterservices
    from msrest.authentication import BasicTokenAuthentication

    credentials = BasicTokenAuthentication({"access_token": sign_in(task)})
    client = partnercenterservices.MicrosoftPartnerStoreApis(credentials, task["api_url"])
    client.config.connection.verify = task["ca_path"]
    client.config.proxies.use_env_settings = False
    return client


def customers(client: Any) -> list[Any]:
    found: list[Any] = []
    headers: dict[str, str] = {}
    while True:
        seek = {"seek_operation": "next"} if headers else {}
        raw = client.getvversioncustomersfilterfilter.value("1", size=500, custom_headers=headers, raw=True, **seek)
        if raw.output is None:
            # A full last page has a token, too, which leads to a 400.
            return found
        found += raw.output.items
        token = raw.response.headers.get("MS-ContinuationToken")
        if not token:
            return found
        headers = {"MS-ContinuationToken": token}


def bring(client: Any, customer: Any, glob: str) -> int:
    """Rename one customer's subscriptions where the glob matches; how many."""
    changed = 0
    for one in client.getvversioncustomerscustomer.value9(customer.id, "1").items:
        if fnmatch.fnmatch(one.friendly_name.lower(), glob.lower()):
            resource = client.getvversioncustomerscustomer.id6(customer.id, one.id, "1")
            resource.friendly_name = f"{customer.company_profile.company_name} - {resource.offer_name}"
            answer = client.patchvversioncustomerscustomer.id4(customer.id, one.id, resource, "1")
            if answer.friendly_name != resource.friendly_name:
                raise RuntimeError(f"{one.id} was not renamed")
            changed += 1
    return changed


def main(task: dict[str, Any]) -> None:
    start = time.monotonic()
    client = client_of(task)
    found = customers(client)
    fixed = time.monotonic() - start
    with ThreadPoolExecutor(task["threads"]) as pool:
        changed = sum(pool.map(lambda customer: bring(client, customer, task["glob"]), found[: task["sample"]]))
    seconds = time.monotonic() - start
    print(json.dumps({"seconds": round(seconds, 3), "fixed_seconds": round(fixed, 3), "changed": changed}))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
