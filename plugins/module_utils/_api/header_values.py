# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Values from outside that stand in request headers."""

from __future__ import annotations


def application(reference: str | None) -> dict[str, str]:
    """The change reference as ``MS-PartnerCenter-Application``; its option takes printable ASCII only."""
    # White space at its begin would not be taken for a header.
    return {"MS-PartnerCenter-Application": reference.strip()} if reference else {}


def if_match(etag: str | None) -> dict[str, str]:
    """An etag as ``If-Match``; the one in a body has no quotes. Nothing for one that cannot stand in a header."""
    if not etag or not etag.isascii() or not etag.isprintable():
        return {}
    return {"If-Match": etag if etag.startswith(('"', 'W/"')) else f'"{etag}"'}
