# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of resources: a row each, an endpoint each, and no resource that is taken for another one."""

from __future__ import annotations

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput, Refused
from ansible_collections.csp.partner_center.plugins.module_utils._engine import endpoints
from ansible_collections.csp.partner_center.plugins.module_utils._state import kinds
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Desired, Target
from ansible_collections.csp.partner_center.plugins.module_utils._state.plan import make_plan
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import journal_format, journal_lines
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.unfinished_runs import unfinished_work

from .samples import CUSTOMER, NOW, SUBSCRIPTION

UNKNOWN = Target("invoice", CUSTOMER)


def test_every_kind_has_an_endpoint_and_no_endpoint_lacks_its_kind() -> None:
    assert endpoints.BY_KIND.keys() == kinds.BY_NAME.keys()


@pytest.mark.parametrize("name", kinds.BY_NAME)
def test_an_endpoint_names_the_ids_that_the_kind_is_called_by(name: str) -> None:
    target = Target(name, "the-customer", "the-subscription")
    for one in ("the-customer", "the-subscription"):
        assert (one in endpoints.of(target).path_of(target)) == (one in str(target))


@pytest.mark.parametrize("name", kinds.BY_NAME)
def test_a_kind_has_one_row_for_each_name(name: str) -> None:
    kind = kinds.of(name)
    items = [*kind.settings, *kind.unsettable]
    assert [kind.field(item.name) for item in items] == items
    # What tells the most of a setting is told of no other one; the end of a term shares the rest with two others.
    assert len({item.keys[0] for item in items}) == len(items)


def test_a_kind_that_is_not_known_is_an_error_that_names_it() -> None:
    assert "unknown kind 'invoice'" in str(UNKNOWN)
    for use in (
        lambda: make_plan(Desired(UNKNOWN, {"city": "Berlin"}), {}, NOW),
        lambda: endpoints.of(UNKNOWN),
    ):
        with pytest.raises(Refused, match="no kind of resource 'invoice'; known are subscription, "):
            use()


def test_unknown_settings_are_refused_whatever_the_kind() -> None:
    for kind in kinds.BY_NAME.values():
        with pytest.raises(InvalidInput, match=f"known are {', '.join(kind.names)}"):
            kind.check_settings({"seats": 1})


def test_an_unfinished_write_of_a_kind_that_is_not_known_settles_nothing_of_a_subscription() -> None:
    def line(event: journal_format.Event) -> journal_lines.Line:
        return journal_lines.parse_line(journal_format.to_line("run", "2026-11-28T09:00:00Z", event))

    renewal = {"scheduled_next_term_instructions": {"quantity": 60}}
    change = {"before": {"quantity": 1, **renewal}, "after": {"quantity": 2}, "restores": list(renewal)}
    other = {"before": {"status": "active"}, "after": {"status": "deleted"}}
    ids = CUSTOMER, SUBSCRIPTION
    work = unfinished_work(
        [
            line(journal_format.Start()),
            line(journal_format.Intent("subscription", *ids, "change", request_id="1", **change)),
            line(journal_format.WriteOutcome("1", "applied")),
            line(journal_format.Intent("invoice", *ids, "put", request_id="2", **other)),
            line(journal_format.WriteOutcome("2", "applied")),
            line(journal_format.Intent("invoice", *ids, "put", request_id="3", **other)),
        ]
    )
    assert [dict(one.schedules) for one in work.pending_restores.values()] == [renewal]
    (uncertain,) = work.uncertain_writes
    assert "unknown kind 'invoice'" in uncertain.resource
    assert uncertain.names == ("status",)
