# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Plans and journals as text: what a file begins with, and JSON whatever it holds. Pure."""

from __future__ import annotations

import json
import typing as t

from ..._common.problems import Refused

#: As a text that was read for UTF-8 begins which is UTF-16; undecodable bytes are kept as surrogates, or replaced.
_UTF_16: t.Final = ("\udcff\udcfe", "\udcfe\udcff", "\ufffd\ufffd", "\xff\xfe", "\xfe\xff")


class NotJson(ValueError):
    """A text that is not JSON, or that nests so deep that nothing of ours wrote it."""


def parse_text(text: str | bytes) -> t.Any:
    """Raises NotJson."""
    try:
        return json.loads(text)
    except RecursionError:
        raise NotJson("it nests too deep") from None
    except ValueError as error:
        raise NotJson(str(error)) from None


def without_mark(text: str, what: str) -> str:
    """The text without the mark that some editors begin UTF-8 with. Raises Refused for UTF-16."""
    if text.startswith(_UTF_16) or "\0" in text[:2]:
        raise Refused(f"The {what} is written in UTF-16.", "Save it as UTF-8.")
    return text.removeprefix("\ufeff")
