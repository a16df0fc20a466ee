# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a check runs: its commands with a log, its outcome, and two checks at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from surroundings import BUILD, ROOT, STAGED, VENV, Surroundings, slug

LOGS = BUILD / "logs"
LONGEST = 25 * 60  # seconds that one command may take
AT_ONCE = 2
SHOWN = 25  # lines of a failed check


class CheckFailed(Exception):
    """A check found something. The text is what a reader of the run needs to see."""


@dataclass(slots=True)
class Outcome:
    """What a check that ran to its end says. A failed test is counted here; any other failure is a CheckFailed."""

    passed: int = 1
    failed: int = 0
    note: str = ""
    skipped: list[str] = field(default_factory=list)
    problems: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    group: str
    run: Callable[[Run], Outcome | None]
    # Why it cannot run here, or "".
    missing: str = ""


class Processes:
    """The programs under way, so that an interrupted run leaves none behind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def run(self, command: Sequence[str | Path], cwd: Path, environment: Mapping[str, str], log: Path) -> int:
        with log.open("ab") as output:
            with self._lock:
                if self._ended:
                    raise CheckFailed("interrupted")
                process = subprocess.Popen(
                    command,
                    cwd=cwd,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                self._running.add(process)
            try:
                return process.wait(LONGEST)
            except subprocess.TimeoutExpired:
                raise CheckFailed(f"took longer than {LONGEST // 60} minutes") from None
            finally:
                self._kill(process)

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._running.discard(process)
        # The whole group: what the program started must not outlive it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        with self._lock:
            self._ended = True
            running = list(self._running)
        for process in running:
            self._kill(process)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a check: where it works, and what it is allowed to do there."""

    name: str
    surroundings: Surroundings
    processes: Processes
    log: Path

    @property
    def home(self) -> Path:
        return self.surroundings.home(self.name)

    def own_tree(self) -> Path:
        return self.surroundings.tree(self.name)

    def call(
        self,
        *command: str | Path,
        cwd: Path | None = None,
        venv: Path = VENV,
        extra: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (0,),
    ) -> str:
        """Run a command in a tree (the staged one unless told) and give its output; a bad status is a CheckFailed."""
        where = cwd or STAGED
        collections = next((folder.parent for folder in where.parents if folder.name == "ansible_collections"), BUILD)
        environment = self.surroundings.environment(self.home, collections, venv) | dict(extra or {})
        with self.log.open("ab") as log:
            log.write(f"$ {' '.join(str(part) for part in command)}\n".encode())
            log.flush()
            start = log.tell()
        program = venv / "bin" / str(command[0])
        parts = [program if program.exists() else command[0], *command[1:]]
        status = self.processes.run(parts, where, environment, self.log)
        output = self.log.read_bytes()[start:].decode(errors="replace")
        if status not in accept:
            raise CheckFailed(output.rstrip() or f"{command[0]} ended with status {status}")
        return output


def short(text: str) -> str:
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    left_out = [f"… {len(lines) - SHOWN} lines more above"] if len(lines) > SHOWN else []
    return "\n".join(f"    | {line[:240]}" for line in left_out + lines[-SHOWN:])


class Board:
    """Shows what has been found so far and keeps count."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.skipped: list[str] = []
        self._lock = threading.Lock()

    def show(self, check: Check, outcome: Outcome, seconds: float, log: Path) -> None:
        with self._lock:
            self.passed += outcome.passed
            self.failed += outcome.failed
            self.skipped += [f"{check.name}: {reason}" for reason in outcome.skipped]
            verdict = "FAILED" if outcome.failed else "ok"
            print(f"{verdict:<8}{check.name:<34}{seconds:6.1f} s  {outcome.note}".rstrip(), flush=True)
            if outcome.failed:
                print(short(outcome.problems))
                print(f"    all of it: {log.relative_to(ROOT)}", flush=True)

    def skip(self, check: Check) -> None:
        with self._lock:
            self.skipped.append(f"{check.name}: {check.missing}")


def carry_out(check: Check, surroundings: Surroundings, processes: Processes, board: Board) -> None:
    if check.missing:
        board.skip(check)
        return
    log = LOGS / f"{slug(check.name)}.log"
    with log.with_suffix(".lock").open("w") as lock:
        # Two runs in one clone take turns, check by check: they would use the same folders.
        fcntl.flock(lock, fcntl.LOCK_EX)
        log.unlink(missing_ok=True)
        start = time.monotonic()
        outcome = judged(check, Run(check.name, surroundings, processes, log))
        board.show(check, outcome, time.monotonic() - start, log)


def judged(check: Check, run: Run) -> Outcome:
    try:
        return check.run(run) or Outcome()
    except CheckFailed as error:
        return Outcome(passed=0, failed=1, problems=str(error))
    except Exception:  # noqa: BLE001 - a broken check is a failed one, and the others go on
        return Outcome(passed=0, failed=1, problems=traceback.format_exc())


def run_all(checks: Sequence[Check]) -> Board:
    LOGS.mkdir(parents=True, exist_ok=True)
    surroundings, processes, board = Surroundings(), Processes(), Board()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for done in [pool.submit(carry_out, check, surroundings, processes, board) for check in checks]:
                done.result()
        except BaseException:
            processes.end()
            pool.shutdown(cancel_futures=True)
            raise
    return board
