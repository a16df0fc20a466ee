# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. A plan or a report as a short text, which one job of an automation platform hands on to the next. Pure.

The text has letters, digits, ``+``, ``/`` and ``=`` alone, so that no template, shell or YAML reads anything in it.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import typing as t
import zlib

from ..._common.problems import Refused

#: The longest text that is handed on, in characters. A platform keeps it with each job that it goes through.
LONGEST: t.Final = 256 * 1024
#: What such a text may hold, in bytes: far more than 256 KiB of JSON that was ours can.
_LARGEST: t.Final = 64 * 1024 * 1024
#: Makes zlib read what gzip has written.
_GZIP: t.Final = 16 + zlib.MAX_WBITS


def pack(text: str) -> str:
    """The text compressed and in Base64, or an empty text if that is longer than :data:`LONGEST`."""
    # A name that was cut in half may end with half a character, which has no UTF-8 otherwise.
    packed = base64.b64encode(gzip.compress(text.encode("utf-8", "surrogatepass"), mtime=0)).decode()
    return packed if len(packed) <= LONGEST else ""


def unpack(packed: str) -> str:
    """The text that was packed. Raises Refused for what :func:`pack` has not made."""
    try:
        reader = zlib.decompressobj(_GZIP)
        content = reader.decompress(base64.b64decode(packed, validate=True), _LARGEST)
        if not reader.eof or reader.unused_data:
            raise ValueError
        return content.decode("utf-8", "surrogatepass")
    except (binascii.Error, zlib.error, ValueError):
        raise Refused(
            "What an earlier job has handed on cannot be read: it is not whole, or was altered.",
            "Run the job that plans again.",
        ) from None
