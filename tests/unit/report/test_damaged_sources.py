# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans, results and renewals that somebody damaged have a report, or are refused in our words."""

from __future__ import annotations

import copy
import typing as t

import pytest
from hypothesis import given

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Refused
from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.table import FORMS
from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report

from ..state.damages import damaged, in_our_words
from . import samples

pytestmark = pytest.mark.once

PLAN, RESULT, RENEWALS = samples.planned(4), samples.applied(4, failures=2, left=1), samples.renewals(3)


def rendered(source: t.Any, **more: t.Any) -> None:
    made = report(source, samples.NOW, more)
    for name in ("text", "csv", "markdown"):
        assert FORMS[name].render(made)


@given(damaged(lambda: copy.deepcopy(PLAN)))
def test_a_plan(source: t.Any) -> None:
    in_our_words(lambda: rendered(source))


@given(damaged(lambda: copy.deepcopy(RESULT)))
def test_a_result(source: t.Any) -> None:
    in_our_words(lambda: rendered(source))


@given(damaged(lambda: copy.deepcopy(RENEWALS)))
def test_renewals(source: t.Any) -> None:
    in_our_words(lambda: rendered(source, kind="renewals"))


@pytest.mark.parametrize("name", ["guard", "warnings", "unplanned"])
def test_what_is_no_list_is_named(name: str) -> None:
    with pytest.raises(Refused, match=f"Its {name} is not a list"):
        report({**PLAN, name: True}, samples.NOW, {})
