# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. The bounds of one request and its answer: the time for the whole of it, the size, and the request to stop.

A socket's own timeout starts anew with each byte, and a thread that waits for a server cannot be woken. So a thread of
its own looks at all exchanges several times a second, and cuts the connection of one that has to end.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
import typing as t
import zlib
from dataclasses import dataclass

from .._common.surroundings import Surroundings

#: A whole answer may be so large, unpacked (bytes). A page of 500 customers is about a hundredth of it.
LARGEST = 50_000_000

_LOOK = 0.2
_T = t.TypeVar("_T")


class Overdue(OSError):
    """The exchange had to end before there was a connection."""


class Unusable(Exception):
    """An answer that cannot be taken; the text says why."""


@dataclass(slots=True, eq=False)
class Exchange:
    """One request until its whole answer is there. ``deadline`` is of the machine's monotonic clock."""

    deadline: float
    can_be_stopped: bool
    sent: bool = False
    connection: socket.socket | None = None
    is_late: bool = False
    is_stopped: bool = False

    @property
    def is_over(self) -> bool:
        return self.is_late or self.is_stopped


class Watch:
    """Ends exchanges that have to end. Thread safe. Its thread lives only while there are any."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._open: set[Exchange] = set()
        self._changed = threading.Condition()
        self._is_running = False

    def begin(self, timeout: float, *, can_be_stopped: bool) -> Exchange:
        """An exchange that is watched until :meth:`end`."""
        exchange = Exchange(time.monotonic() + timeout, can_be_stopped and not self._surroundings.is_finishing())
        with self._changed:
            self._open.add(exchange)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._watch, name="exchanges", daemon=True).start()
        return exchange

    def end(self, exchange: Exchange) -> None:
        with self._changed:
            self._open.discard(exchange)

    def _watch(self) -> None:
        idle = 0.0
        while True:
            time.sleep(_LOOK)
            # Nobody is asked for the sake of nothing: what tells of a stop may be gone when all exchanges have ended.
            is_stopping = bool(self._open) and self._surroundings.stop_requested()
            with self._changed:
                for exchange in self._open:
                    # Whatever is wrong with one, the others keep their bounds.
                    with contextlib.suppress(Exception):
                        _look_at(exchange, is_stopping)
                idle = 0.0 if self._open else idle + _LOOK
                if idle > 1.0:
                    self._is_running = False
                    return


def _look_at(exchange: Exchange, is_stopping: bool) -> None:
    if time.monotonic() >= exchange.deadline:
        exchange.is_late = True
    elif is_stopping and exchange.can_be_stopped:
        exchange.is_stopped = True
    if exchange.is_over and exchange.connection is not None:
        # Every wait for it ends at once, in whichever thread; it may have ended by itself.
        with contextlib.suppress(OSError):
            exchange.connection.shutdown(socket.SHUT_RDWR)


def awaited(connect: t.Callable[[], socket.socket], exchange: Exchange) -> socket.socket:
    """
    What ``connect`` gives, which looks a name up and cannot be interrupted then. Raises what it raises, and
    :class:`Overdue` where the exchange has to end before.
    """
    results: queue.SimpleQueue[socket.socket | Exception] = queue.SimpleQueue()
    is_given_up = threading.Event()

    def work() -> None:
        try:
            connected = connect()
        except Exception as error:  # noqa: BLE001 - it is raised in the thread that waits
            results.put(error)
            return
        results.put(connected)
        if is_given_up.is_set():
            connected.close()

    threading.Thread(target=work, name="connecting", daemon=True).start()
    while True:
        try:
            result = results.get(timeout=_LOOK)
        except queue.Empty:
            if exchange.is_over:
                is_given_up.set()
                raise Overdue("there was no connection in time") from None
            continue
        if isinstance(result, Exception):
            raise result
        return result


def read_body(pieces: t.Iterable[bytes], encoding: str) -> bytes:
    """The whole body, unpacked. Raises :class:`Unusable` for one that is too large or packed in another way."""
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise Unusable("it is packed in a way that was not asked for")
    packed = zlib.decompressobj(wbits=31) if encoding.endswith("gzip") else None
    body, is_begun = bytearray(), False
    for piece in pieces:
        room = LARGEST + 1 - len(body)
        is_begun = is_begun or bool(piece)
        try:
            body += piece[:room] if packed is None else packed.decompress(piece, room)
        except zlib.error:
            raise Unusable("it cannot be unpacked") from None
        if len(body) > LARGEST:
            raise Unusable(f"it is larger than {LARGEST // 1_000_000} MB")
    if packed is not None and is_begun and not packed.eof:
        raise Unusable("it cannot be unpacked")
    return bytes(body)
