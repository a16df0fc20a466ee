# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the module pc_fleet spends its CPU time: a sample of its stack every millisecond of CPU time.

The module runs without Ansible, as its developers run it, with everything in one thread: only there does a signal find
what is at work. Unlike with cProfile, small functions are not charged for being watched, and waiting costs nothing.

profile_fleet.py COLLECTIONS STACKS ARGUMENTS.json runs the module and leaves the stacks for ``profile`` to read, one a
line with the number of its samples, as flame graph tools take them.
"""

from __future__ import annotations

import concurrent.futures
import json
import runpy
import signal
import sys
import threading
import types
import typing as t
from collections import Counter
from concurrent.futures import Future
from pathlib import Path

if t.TYPE_CHECKING:
    from server import Server
    from ways import Bench

PLUGINS = "ansible_collections.csp.partner_center.plugins"
_INTERVAL = 0.001
_TOP = 25


class _Inline:
    """A thread, or a pool of them, that does its work at once and in the thread that asks for it."""

    def __init__(self, *_ignored: object, target: t.Callable[[], None] | None = None, **_more: object) -> None:
        self._target = target

    def __enter__(self) -> _Inline:
        return self

    def __exit__(self, *_ignored: object) -> None:
        pass

    def start(self) -> None:
        if self._target is not None:
            self._target()

    def join(self) -> None:
        pass

    def shutdown(self) -> None:
        pass

    def map(self, work: t.Callable[..., t.Any], *items: t.Iterable[t.Any]) -> list[t.Any]:
        return list(map(work, *items))

    def submit(self, work: t.Callable[..., t.Any], *arguments: t.Any) -> Future[t.Any]:
        future: Future[t.Any] = Future()
        future.set_result(work(*arguments))
        return future


class _Threading:
    """The module ``threading`` with another ``Thread``."""

    Thread = _Inline

    def __getattr__(self, name: str) -> t.Any:
        return getattr(threading, name)


def run(collections: str, stacks: str, arguments: str) -> None:
    sys.path.insert(0, collections)
    found: Counter[tuple[str, ...]] = Counter()

    def sample(_number: int, frame: types.FrameType | None) -> None:
        stack = []
        while frame is not None:
            stack.append(_name(frame.f_code))
            frame = frame.f_back
        found[tuple(reversed(stack))] += 1

    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)
    from ansible_collections.csp.partner_center.plugins.module_utils._common import surroundings

    concurrent.futures.ThreadPoolExecutor = _Inline  # type: ignore[misc, assignment]
    surroundings.threading = _Threading()
    sys.argv = ["pc_fleet", arguments]
    try:
        runpy.run_module(f"{PLUGINS}.modules.pc_fleet", run_name="__main__")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        lines = [f"{';'.join(stack)} {count}\n" for stack, count in sorted(found.items())]
        Path(stacks).write_text("".join(lines), encoding="utf-8")


def _name(code: types.CodeType) -> str:
    """``_api.transport:_run`` for ours, ``requests:send`` for others', ``python json:loads`` for Python's own."""
    file = code.co_filename
    if "/partner_center/plugins/" in file:
        place = ".".join(Path(file).with_suffix("").parts[-2:])
    elif "/site-packages/" in file:
        place = file.partition("/site-packages/")[2].partition("/")[0].removesuffix(".py")
    elif "importlib" in file:
        place = "imports"
    elif file.startswith("<"):
        # What dataclasses write stands in "<string>".
        place = "dataclasses" if file == "<string>" else "python " + file.strip("<>").removeprefix("frozen ")
    else:
        place = "python " + file.partition("/python3")[2].partition("/")[2].partition("/")[0].removesuffix(".py")
    return f"{place}:{code.co_name}"


def profile(bench: Bench, server: Server) -> str:
    """The profile as text; the stacks stay in the bench's folder."""
    from server import GLOB, ROOT

    stacks, arguments = bench.folder / "pc_fleet.stacks", bench.folder / "arguments.json"
    wanted = {"friendly_name": "{customer_name} - {offer_name}"}
    policy = {"name": "names", "match": {"friendly_name": GLOB}, "set": wanted}
    given = {**server.connection, "policies": [policy], "max_concurrency": 1}
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), encoding="utf-8")
    command = [sys.executable, __file__, str(ROOT / ".build"), str(stacks), str(arguments)]
    output, cost, _modules = bench.run(command)
    requests = json.loads(output.splitlines()[-1])["summary"]["requests"]
    return _shown(stacks.read_text(encoding="utf-8"), cost["cpu_seconds"], requests)


def _shown(stacks: str, seconds: float, requests: int) -> str:
    own: Counter[str] = Counter()
    below: Counter[str] = Counter()
    total = 0
    for line in stacks.splitlines():
        stack, _space, count = line.rpartition(" ")
        names = stack.split(";")
        total += int(count)
        own[names[-1].partition(":")[0] if "imports:" not in stack else "imports"] += int(count)
        below.update(dict.fromkeys([name for name in names if name.startswith(("_", "modules."))], int(count)))
    lines = [f"  {seconds:.1f} s for {requests:,} requests ({total:,} samples); in the code of:"]
    lines += _lines(own, total, seconds)
    lines += ["  in functions of ours, with all that they call:"]
    return "\n".join([*lines, *_lines(below, total, seconds)])


def _lines(found: Counter[str], total: int, seconds: float) -> list[str]:
    return [
        f"  {seconds * count / total:7.2f} s {count / total:6.1%}  {name.replace(':', ' ')}"
        for name, count in found.most_common(_TOP)
    ]


if __name__ == "__main__":
    run(*sys.argv[1:])
