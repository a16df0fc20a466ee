# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
A program that runs a module with a defect in it: an exception at one call of one function.

Reads cases from standard input, a JSON object a line, and answers each with a line. A case runs in a process of its
own, so that whatever happens to it, the next one begins as new. Without a ``step`` it lists the functions that the
module calls.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import signal
import sys
import threading
import time
import traceback
import typing as t
from contextlib import redirect_stdout
from pathlib import Path

ERRORS: t.Final[dict[str, t.Callable[[], BaseException]]] = {
    "RecursionError": lambda: RecursionError("maximum recursion depth exceeded"),
    "ValueError": lambda: ValueError("Out of range float values are not JSON compliant"),
    "UnicodeEncodeError": lambda: UnicodeEncodeError("utf-8", "a\ud800", 1, 2, "surrogates not allowed"),
    "MemoryError": MemoryError,
    "OSError": lambda: OSError(28, "No space left on device"),
    "KeyboardInterrupt": KeyboardInterrupt,
}
#: The main thread is interrupted by signals alone, which the module hears.
OF_WORKERS: t.Final = ("KeyboardInterrupt",)


#: What catches an exception cannot catch one of its own, nor can the first function of a thread or of the result.
_CATCHING: t.Final = (
    "__init__",
    "_load_params",
    "run_module",
    "carry_out",
    "_finished",
    "finish",
    "part",
    "work",
    "_watch",
    "_tell",
)


class Fault:
    """Raises at the ``call``-th call (or resumption) of a function, once; without a step, notes what is called."""

    def __init__(self, step: str | None, call: int, error: str) -> None:
        self.step, self.call, self.error = step, call, error
        self.seen: dict[str, int] = {}
        self.lock = threading.Lock()

    def trace(self, frame: t.Any, event: str, _argument: t.Any) -> None:
        code = frame.f_code
        if (
            event != "call"
            or "/partner_center/plugins/module_utils/" not in code.co_filename
            or code.co_name.startswith("<")
        ):
            return
        name = "/".join(Path(code.co_filename).parts[-2:]) + f":{code.co_name}:{code.co_firstlineno}"
        if code.co_name in _CATCHING:
            return
        with self.lock:
            # In the order of the last calls.
            number = self.seen[name] = self.seen.pop(name, 0) + 1
        if name == self.step and number == self.call:
            worker = threading.current_thread() is not threading.main_thread()
            error = ERRORS[self.error if worker or self.error not in OF_WORKERS else "ValueError"]()
            raise error


def run(case: dict[str, t.Any]) -> dict[str, t.Any]:
    from ansible.module_utils import basic  # type: ignore[import-not-found,unused-ignore]

    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": case["options"]}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    module = importlib.import_module(f"ansible_collections.csp.partner_center.plugins.modules.{case['module']}")
    fault = Fault(case.get("step"), case.get("call", 1), case.get("error", ""))
    text = io.StringIO()
    threading.settrace(fault.trace)
    sys.settrace(fault.trace)
    raised = ""
    try:
        with redirect_stdout(text):
            module.main()
    except SystemExit:
        pass
    except BaseException:  # noqa: BLE001 - the test sees it
        raised = traceback.format_exc()
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
    return {"output": text.getvalue(), "raised": raised, "seen": fault.seen}


def in_a_process(case: dict[str, t.Any]) -> dict[str, t.Any]:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        with os.fdopen(write, "w") as pipe:
            json.dump(run(case), pipe)
        os._exit(0)
    os.close(write)
    chunks: list[bytes] = []
    reader = threading.Thread(target=lambda: chunks.append(_all(read)), daemon=True)
    reader.start()
    reader.join(case.get("seconds", 30))
    is_over = not reader.is_alive()
    if not is_over:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return json.loads(chunks[0]) if is_over and chunks and chunks[0] else {"hangs": not is_over}


def _all(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as pipe:
        return pipe.read()


if __name__ == "__main__":
    for line in sys.stdin:
        began = time.monotonic()
        answer = in_a_process(json.loads(line))
        print(json.dumps({**answer, "took": time.monotonic() - began}), flush=True)
