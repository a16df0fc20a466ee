# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What a run has around it: clocks, chance, waits, threads, and the request that it end.

One object is passed down to everything that waits. A test or a simulation replaces it, and no wait takes time.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
import typing as t
from datetime import datetime, timezone

if t.TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

#: How often a wait looks whether the run was asked to end, in seconds.
STOP_INTERVAL: t.Final = 0.5


class StopRequested(Exception):
    """The run was asked to end while something waited."""


class _OfThread(threading.local):
    is_finishing = False


class Surroundings:
    """
    The machine itself. Thread safe. ``stop_requested`` says whether the run was asked to end, and is called often.

    Waits end with :class:`StopRequested` soon after that, except in a thread that is finishing a write.
    """

    def __init__(self, stop_requested: t.Callable[[], bool] = lambda: False) -> None:
        self._asked = stop_requested
        self._left = threading.Event()
        self._of_thread = _OfThread()

    def clock(self) -> float:
        """Seconds that only go forward; what they count from is not defined."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since the epoch, as the machine's clock has them."""
        return time.time()

    def now(self) -> datetime:
        """The same as an aware datetime."""
        return datetime.fromtimestamp(self.wall(), timezone.utc)

    def uniform(self, low: float, high: float) -> float:
        """A random number between the two."""
        return random.uniform(low, high)  # noqa: S311 - spreads requests, and is no secret

    def stop_requested(self) -> bool:
        """Whether the run was asked to end, whatever this thread is doing."""
        return self._left.is_set() or self._asked()

    def must_stop(self) -> bool:
        """Whether this thread shall wait no longer: the run was asked to end, and no write of its is under way."""
        return not self._of_thread.is_finishing and self.stop_requested()

    def is_finishing(self) -> bool:
        """Whether this thread finishes a write, so that its waits do not end early."""
        return self._of_thread.is_finishing

    def finish(self) -> None:
        """Says that this thread is finishing a write, until the end of the enclosing :meth:`finishing`."""
        self._of_thread.is_finishing = True

    @contextlib.contextmanager
    def finishing(self, is_finishing: bool = True) -> t.Iterator[None]:
        """Within it, this thread finishes a write (or not)."""
        before, self._of_thread.is_finishing = self._of_thread.is_finishing, is_finishing
        try:
            yield
        finally:
            self._of_thread.is_finishing = before

    def sleep(self, seconds: float) -> None:
        """Waits. Raises :class:`StopRequested`."""
        until = self.clock() + seconds
        while True:
            if self.must_stop():
                raise StopRequested
            left = until - self.clock()
            if left <= 0:
                return
            time.sleep(min(left, STOP_INTERVAL))

    def wait(self, changed: threading.Condition, seconds: float | None) -> None:
        """
        Waits until ``changed`` is notified, or so many seconds (None: for as long as it takes); may return earlier.

        The caller holds ``changed``. Raises :class:`StopRequested`.
        """
        if self.must_stop():
            raise StopRequested
        changed.wait(STOP_INTERVAL if seconds is None else min(max(0.0, seconds), STOP_INTERVAL))

    def crew(self, threads: int, name: str, work: t.Callable[[], None]) -> None:
        """Does ``work`` on so many threads at the same time, and returns when all have ended."""
        crew = []
        for number in range(threads):
            thread = threading.Thread(target=work, name=f"{name}-{number}", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                # The system gives no more threads: those that there are do the work.
                break
            crew.append(thread)
        for thread in crew:
            thread.join()

    @contextlib.contextmanager
    def pool(self, threads: int, name: str) -> t.Iterator[ThreadPoolExecutor]:
        """Threads to work with; the end of it waits for them, which a keyboard interrupt asks to end."""
        # A task for one resource has none.
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        try:
            yield pool
            pool.shutdown()
        except (KeyboardInterrupt, SystemExit):
            # Also one that comes while the threads are waited for: they have to be told before they are waited for.
            self._left.set()
            raise
        finally:
            pool.shutdown()
