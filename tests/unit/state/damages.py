# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What comes from outside, damaged in any way: it is refused in our words, or taken."""

from __future__ import annotations

import contextlib
import typing as t

from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Problem

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["deleted", "http://[", "until 9999-12-31", "9" * 400, "\ud800", "********", "a\0b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@st.composite
def damaged(draw: st.DrawFn, whole: t.Callable[[], t.Any]) -> t.Any:
    """The value with one of its parts, at any depth, replaced, taken away or added."""
    value = {"": whole()}
    at: t.Any = value
    key: t.Any = ""
    while isinstance(at[key], (dict, list)) and at[key] and draw(st.booleans() | st.just(True)):
        at = at[key]
        key = draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        if draw(st.integers(0, 3)) == 0:
            break
    if draw(st.integers(0, 4)) == 0 and at is not value:
        del at[key]
    else:
        at[key] = draw(json_values)
    return value[""]


def in_our_words(use: t.Callable[[], object]) -> None:
    with contextlib.suppress(Problem):
        use()
