# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of values that JSON cannot hold, and what is said of exceptions that no code expected."""

from __future__ import annotations

import json
import typing as t
from datetime import date

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import defect
from ansible_collections.csp.partner_center.plugins.module_utils._module.results import ResultParts, presentable


def nested(depth: int) -> t.Any:
    value: t.Any = "deep"
    for _number in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": [1, None, "ü"]}, {"a": [1, None, "ü"]}),
        ({"a": float("inf"), "b": 1.5}, {"a": "inf", "b": 1.5}),
        ([float("nan")], ["nan"]),
        ({"half": "a\ud800"}, {"half": "a\\ud800"}),
        ({date(2026, 11, 20): (date(2026, 11, 20),)}, {"2026-11-20": ["2026-11-20"]}),
    ],
)
def test_what_json_cannot_hold_is_shown_as_text(value: t.Any, shown: t.Any) -> None:
    assert presentable(value) == shown


def test_a_value_that_nests_too_deep_is_cut() -> None:
    assert len(json.dumps(presentable({"changed": True, "value": nested(100_000)}))) < 1_000


def test_a_part_that_cannot_be_made_is_replaced_and_said() -> None:
    parts = ResultParts()
    assert parts.part(lambda: {"a": 1}["a"], 0) == 1
    assert parts.part(lambda: {"a": 1}["b"], 0) == 0
    assert [str(error) for error in parts.errors] == [
        "An unexpected error occurred: KeyError: 'b'. Please report it as a bug."
    ]


def test_the_text_of_an_unexpected_exception_is_short_and_can_be_written() -> None:
    said = str(defect(ValueError("a\ud800" + "b" * 5_000)))
    assert said.encode()
    assert len(said) < 400
    assert str(defect(MemoryError())) == "An unexpected error occurred: MemoryError. Please report it as a bug."
