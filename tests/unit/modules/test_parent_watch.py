# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a run hears that it shall end."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._module.parent_watch import ParentWatch


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_is_heard_while_the_main_thread_waits(number: signal.Signals) -> None:
    """The system may give it to any thread, above all when two come one after the other, as Ansible sends them."""
    heard: list[bool] = []

    def work(watch: ParentWatch) -> None:
        # By then the main thread waits for this one.
        time.sleep(0.3)
        signal.pthread_kill(threading.get_ident(), number)
        deadline = time.monotonic() + 10
        while not watch.stop_requested() and time.monotonic() < deadline:
            time.sleep(0.01)
        heard.append(watch.stop_requested())

    with ParentWatch() as watch:
        assert not watch.stop_requested()
        worker = threading.Thread(target=work, args=(watch,))
        worker.start()
        worker.join()
    assert heard == [True]


@pytest.mark.parametrize(("number", "ends"), [(signal.SIGUSR1, False), (signal.SIGTERM, True)])
def test_only_signals_that_ask_for_an_end_end_a_run(number: signal.Signals, ends: bool) -> None:
    before = signal.signal(signal.SIGUSR1, lambda *_ignored: None)
    try:
        with ParentWatch() as watch:
            signal.raise_signal(number)
        # Its thread has ended, and with it all is heard that was said.
        assert watch.stop_requested() is ends
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_the_watch_restores_signal_handlers_files_and_threads() -> None:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    # What earlier tests have left for the garbage collector must not go in between.
    gc.collect()
    files, threads = open_files(), threading.active_count()
    with ParentWatch():
        pass
    assert [signal.getsignal(number) for number in numbers] == before
    assert signal.set_wakeup_fd(-1) == -1
    assert (open_files(), threading.active_count()) == (files, threads)


def open_files() -> int:
    return len(os.listdir("/dev/fd"))  # noqa: PTH208
