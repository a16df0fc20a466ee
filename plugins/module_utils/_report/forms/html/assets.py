# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What the page is made of beside the report: template, style, scripts, and the policy that allows only these.

The files lie beside this module. They are read where the report is written, which is the machine that runs Ansible; no
module needs them elsewhere.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import typing as t
from pathlib import Path

FILES: t.Final = Path(__file__).parent / "files"
#: The library that draws the table, as it was released: datatables.net, MIT.
TABLE_LIBRARY: t.Final = "dataTables.min.js"
TABLE_LIBRARY_VERSION: t.Final = "3.1.5"
TABLE_LIBRARY_SHA256: t.Final = "38017a5586acd9c6eb6bbfe8b6938e1a25bdc717c5acfcb07e0c9d663282c59d"
TEMPLATE: t.Final = "report.html.j2"
_STYLE: t.Final = "report.css"
_OWN_SCRIPT: t.Final = "report.js"


@functools.cache
def asset_text(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")


def style() -> str:
    return asset_text(_STYLE)


def scripts(*, with_table: bool) -> tuple[str, ...]:
    """The scripts in the order in which they run."""
    return (*([asset_text(TABLE_LIBRARY)] if with_table else []), asset_text(_OWN_SCRIPT))


def content_policy(styles: t.Iterable[str], allowed: t.Iterable[str]) -> str:
    """A Content-Security-Policy under which a page asks nothing of any server, and runs nothing but these scripts."""
    rules = {
        "default-src": ["'none'"],
        "script-src": [_hash_source(one) for one in allowed],
        "style-src": [_hash_source(one) for one in styles],
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in rules.items())


def _hash_source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
