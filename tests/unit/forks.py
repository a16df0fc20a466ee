# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Modules in processes of their own, as Ansible starts them, but for the time that Python takes to load each.

This file is also the program from which they are forked: it has loaded what they need, and has called nothing of it.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import json
import os
import pkgutil
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import typing as t

PACKAGE = "ansible_collections.csp.partner_center.plugins.modules"
LOADED = ("ansible.module_utils.basic", "requests", "msal", "cryptography.hazmat.primitives.serialization")
_LARGEST_CASE = 1 << 16


class Forked:
    """A module that runs."""

    def __init__(self, pid: int, output: t.IO[str], errors: t.IO[str]) -> None:
        self.pid = pid
        self._texts: dict[str, str] = {}
        self._readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("output", output), ("errors", errors))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, name: str, stream: t.IO[str]) -> None:
        with stream:
            self._texts[name] = stream.read()

    def has_ended(self) -> bool:
        return not any(reader.is_alive() for reader in self._readers)

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def communicate(self, timeout: float = 120.0) -> tuple[str, str]:
        """Waits for its end; what it wrote to standard output and standard error."""
        for reader in self._readers:
            reader.join(timeout)
        if not self.has_ended():
            self.send_signal(signal.SIGKILL)
            raise TimeoutError(f"the module did not end within {timeout} seconds")
        return self._texts["output"], self._texts["errors"]


def start_module(
    name: str, options: dict[str, t.Any], environment: t.Mapping[str, str] | None = None, most_bytes: int | None = None
) -> Forked:
    """``most_bytes``: no file may grow beyond that, as on a full disk."""
    case = {"module": name, "environment": dict(os.environ if environment is None else environment)}
    pipes = [os.pipe(), os.pipe()]
    writers = [writer for _reader, writer in pipes]
    with _lock, tempfile.TemporaryFile("w+") as given:
        json.dump({"ANSIBLE_MODULE_ARGS": options}, given)
        given.seek(0)
        host = _host()
        socket.send_fds(host, [json.dumps({**case, "most_bytes": most_bytes}).encode()], [given.fileno(), *writers])
        pid = int(host.recv(32))
    for writer in writers:
        os.close(writer)
    output, errors = (os.fdopen(reader, encoding="utf-8", errors="replace") for reader, _writer in pipes)
    return Forked(pid, output, errors)


_lock = threading.Lock()


@functools.cache
def _host() -> socket.socket:
    """The program below, which lives as long as the tests do; its socket."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    collections = os.environ["ANSIBLE_COLLECTIONS_PATH"]
    process = subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno())],
        env={**os.environ, "PYTHONPATH": collections, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
    )
    theirs.close()

    def stop() -> None:
        ours.close()
        process.wait(10)

    atexit.register(stop)
    return ours


def serve(channel: socket.socket) -> None:
    """Forks a process for each case, until nobody asks any more; returns in that process."""
    package = importlib.import_module(PACKAGE)
    for name in (*LOADED, *(f"{PACKAGE}.{one.name}" for one in pkgutil.iter_modules(package.__path__))):
        importlib.import_module(name)
    # Nobody waits for them here.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(channel, _LARGEST_CASE, 3)
        if not message:
            sys.exit()
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            channel.close()
            become(json.loads(message), descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)
        channel.send(str(pid).encode())


def become(case: dict[str, t.Any], descriptors: list[int]) -> None:
    """The module's process: the streams, environment and limits that it has, and chance of its own."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(case["environment"])
    sys.argv[:] = [case["module"]]
    random.seed()
    if case["most_bytes"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (case["most_bytes"], case["most_bytes"]))
    importlib.import_module(f"{PACKAGE}.{case['module']}").main()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
