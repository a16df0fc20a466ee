# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start and stop: put the parts together, listen, and tell the world where."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn

from . import keys, state
from .app import Application
from .clients import Clients, write_federated_token
from .clock import Clock
from .control import Control
from .entra import Entra
from .faults import Faults
from .fleet import Fleet
from .grants import Grants
from .journal import Journal
from .keys import Keys
from .options import Options
from .replay import Replay
from .store import Store
from .switches import Switches
from .throttle import Throttle
from .tokens import Tokens
from .world import World

# Far beyond what clients' connection pools wait between two requests.
KEEP_ALIVE_SECONDS = 300
SHUTDOWN_SECONDS = 3


class Emulator:
    def __init__(self, options: Options, base_url: str) -> None:
        saved = state.load(options.state, options) if options.state else None
        clock = Clock(options.start)
        epoch = state.epoch(saved) if saved else clock.now()
        switches = Switches(options.switches)
        fleet = Fleet(options.seed, options.customers, options.subscriptions_per_customer, epoch, options.plain)
        self.passphrase = fleet.secret("passphrase")[:24]
        self.keys: Keys = keys.prepare(options.directory, (options.host, *options.names), self.passphrase)
        self.refresh_token = "1.AX" + fleet.secret("refresh", 1) + fleet.secret("refresh", 2)
        self.clients = Clients(fleet.guid("client"), fleet.guid("public client"), fleet.secret("client"), self.keys)
        self.grants = Grants(clock, switches, self.refresh_token, self.clients.confidential_id)
        self.world = World(
            fleet=fleet,
            store=Store(fleet),
            clock=clock,
            switches=switches,
            journal=Journal(options.log_size),
            faults=Faults(options.seed),
            throttle=Throttle(clock, switches),
            replay=Replay(),
            tokens=Tokens(self.keys, clock, switches, fleet.tenant_id),
            base_url=base_url,
        )
        self.user = {
            "oid": fleet.guid("user"),
            "username": "automation@adatumdistribution.onmicrosoft.com",
            "name": "Partner Automation",
            "password": fleet.secret("user")[:16],
            "otp": "123456",
        }
        if saved:
            state.restore(saved, self.world, self.grants)
        part = Entra(self.world, self.clients, self.grants, self.keys, self.user, options.names)
        self.application = Application(self.world, part, Control(self.world, self.grants, self.reset))
        self.options = options

    def reset(self) -> None:
        """As at the start: fleet, clock, switches; nothing remembered."""
        world = self.world
        world.switches.reset()
        world.clock.set_scale(1.0)
        world.clock.set(self.options.start or datetime.now().astimezone())
        fleet = world.fleet
        world.fleet = Fleet(fleet.seed, fleet.size, fleet.subscriptions_per_customer, fleet.epoch, fleet.plain)
        changes = world.store.changes
        world.store = Store(world.fleet)
        world.store.changes = changes + 1
        for part in (world.journal, world.faults, world.throttle, world.replay):
            part.clear()
        world.journal.clear_counters()
        self.grants.reset()

    def save(self) -> None:
        if self.options.state:
            state.save(self.options.state, self.world, self.grants)

    def connection(self) -> dict[str, Any]:
        """What DIR/emulator.json tells."""
        directory, url = self.options.directory.resolve(), self.world.base_url
        write_federated_token(self.keys, directory / "federated-token")
        return {
            "pid": os.getpid(),
            "arguments": self.options.arguments,
            "api_url": url,
            "authority_url": url,
            "control_url": f"{url}/_emulator",
            "ca_path": str(directory / "ca.pem"),
            "tenant_id": self.world.fleet.tenant_id,
            "tenant_domain": "adatumdistribution.onmicrosoft.com",
            "client_id": self.clients.confidential_id,
            "client_secret": self.clients.secret,
            "public_client_id": self.clients.public_id,
            "client_certificate_path": str(directory / "client-locked.pem"),
            "client_certificate_passphrase": self.passphrase,
            "client_certificate_plain_path": str(directory / "client.pem"),
            "federated_token_file": str(directory / "federated-token"),
            "refresh_token": self.refresh_token,
            "username": self.user["username"],
            "password": self.user["password"],
            "otp": self.user["otp"],
            "partner_mpn_id": self.world.fleet.mpn_id,
            "resellers": [
                {"id": reseller.id, "name": reseller.name, "mpnId": reseller.mpn_id}
                for reseller in self.world.fleet.resellers
            ],
            "customers": list(self.world.fleet.ids[:5]),
        }


class Server(uvicorn.Server):
    """uvicorn, which says when it is ready, keeps the state file up to date and tidies up."""

    def __init__(self, config: uvicorn.Config, emulator: Emulator, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._emulator = emulator
        self._ready = ready
        self._saved = emulator.world.store.changes

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn would raise the signal again in the end, before the state is saved.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what is being answered, then drop the connections that clients keep open for later."""
        for server in self.servers:
            server.close()
        deadline = time.monotonic() + SHUTDOWN_SECONDS
        while self.server_state.tasks and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        for connection in list(self.server_state.connections):
            # A polite end of TLS would wait for each client's answer.
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0.05)
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        # Ticks come ten times a second; changes are written once they have been left alone for one.
        changes = self._emulator.world.store.changes
        if counter % 20 == 0 and changes != self._saved:
            self._saved = changes
            await asyncio.to_thread(self._emulator.save)
        return await super().on_tick(counter)


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    # Without this every small answer could wait for the client's acknowledgement.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def run(options: Options) -> int:
    """Serve until SIGTERM or SIGINT."""
    sock = listen(options.host, options.port)
    host = f"[{options.host}]" if ":" in options.host else options.host
    base_url = f"https://{host}:{sock.getsockname()[1]}"
    emulator = Emulator(options, base_url)
    # A state that cannot be kept is worth knowing before there is any.
    emulator.save()
    path = options.directory / "emulator.json"

    def ready() -> None:
        keys.write(path, json.dumps(emulator.connection(), indent=2).encode() + b"\n")
        print(f"Partner Center emulator at {base_url}, details in {path}", flush=True)

    config = uvicorn.Config(
        emulator.application,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        ssl_keyfile=str(options.directory / "server-key.pem"),
        ssl_certfile=str(options.directory / "server.pem"),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=5,
        backlog=2048,
    )
    try:
        Server(config, emulator, ready).run(sockets=[sock])
    finally:
        emulator.save()
        remove_own(path)
    return 0


def remove_own(path: Path) -> None:
    """Remove emulator.json, unless another emulator has put its own there meanwhile."""
    try:
        if json.loads(path.read_text())["pid"] == os.getpid():
            path.unlink()
    except (OSError, ValueError, KeyError) as error:
        if not isinstance(error, FileNotFoundError):
            print(f"{path}: {error}", file=sys.stderr)
