# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: start an emulator (here or in the background), stop one, list the switches."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from . import background
from .clock import parse
from .switches import CATALOGUE, SwitchError, Switches


def parser() -> argparse.ArgumentParser:
    own = argparse.ArgumentParser(
        prog="python -m partner_center_emulator",
        description="A local Microsoft Partner Center: API, sign-in and a generated fleet over HTTPS.",
    )
    own.add_argument("--host", default="127.0.0.1", help="address to listen on")
    own.add_argument("--port", type=read_port, default=0, help="port, 0 for a free one")
    own.add_argument("--dir", type=Path, help="directory for certificates and emulator.json")
    own.add_argument("--customers", type=int, default=20, help="customers in the fleet")
    own.add_argument("--subscriptions-per-customer", type=int, default=5)
    own.add_argument("--seed", type=int, default=1, help="the same seed gives the same fleet")
    own.add_argument(
        "--plain", action="store_true", help="a fleet without pitfalls, for clients that know only what 2020 knew"
    )
    own.add_argument(
        "--name", action="append", default=[], help="another host name for the certificate and client assertions"
    )
    own.add_argument("--state", type=Path, help="file that keeps changes over a restart; without it they are forgotten")
    own.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help="see --list-switches")
    own.add_argument("--switches", type=read_object, default={}, metavar="JSON", help="several switches as an object")
    own.add_argument("--latency", type=float, help="seconds added to every answer of the API")
    own.add_argument("--now", type=parse, metavar="ISO", help="what the emulator's clock shows at the start")
    own.add_argument("--log-size", type=int, default=50_000, help="requests to remember")
    own.add_argument("--daemon", action="store_true", help="start in the background and return when it is ready")
    own.add_argument("--stop", type=Path, metavar="DIR", help="stop the emulator of this directory")
    own.add_argument("--list-switches", action="store_true", help="show the switches, their values and defaults")
    return own


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    own = parser()
    given = own.parse_args(arguments)
    if given.list_switches:
        return list_switches()
    if given.stop:
        return background.stop(given.stop)
    if given.dir is None:
        own.error("--dir is required")
    if given.customers < 0 or given.subscriptions_per_customer < 0:
        own.error("a fleet cannot have fewer than no customers or subscriptions")
    try:
        switches = {**given.switches, **read_switches(given.switch, given.latency)}
        Switches(switches)
    except SwitchError as error:
        own.error(str(error))
    try:
        if given.daemon:
            return background.start(given.dir, [part for part in arguments if part != "--daemon"])
        return serve(given, switches, arguments)
    except OSError as error:
        return refused(error)


def serve(given: argparse.Namespace, switches: dict[str, Any], arguments: list[str]) -> int:
    # Late, so that --stop and --list-switches need none of the server's requirements.
    from .options import Options
    from .server import run
    from .state import StateError

    options = Options(
        host=given.host,
        port=given.port,
        directory=given.dir,
        customers=given.customers,
        subscriptions_per_customer=given.subscriptions_per_customer,
        seed=given.seed,
        state=given.state,
        switches=switches,
        log_size=given.log_size,
        start=given.now,
        plain=given.plain,
        names=tuple(given.name),
        arguments=tuple(arguments),
    )
    try:
        return run(options)
    except StateError as error:
        return refused(error)


def refused(error: Exception) -> int:
    print(f"The emulator cannot start: {error}", file=sys.stderr)
    return 2


def read_port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"must be from 0 to 65535, not {text}")
    return port


def read_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(f'must be a JSON object such as {{"bom": "off"}}, not {text}')
    return found


def read_switches(given: list[str], latency: float | None) -> dict[str, Any]:
    """
    :raises SwitchError: for text that is not name=value
    """
    switches: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise SwitchError(f"a switch is given as name=value, not {text!r}")
        switches[name.strip().replace("-", "_")] = value
    if latency is not None:
        switches["latency"] = latency
    return switches


def list_switches() -> int:
    for switch in CATALOGUE.values():
        print(f"{switch.name} = {json.dumps(switch.default)}  [{switch.takes()}]\n    {switch.about}")
    return 0
