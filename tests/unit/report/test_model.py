# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The view model that all forms of a report are made of."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput, Refused
from ansible_collections.csp.partner_center.plugins.module_utils._report.forms.table import FORMS, forms_for
from ansible_collections.csp.partner_center.plugins.module_utils._report.model import ChangeRow, Changes, Report
from ansible_collections.csp.partner_center.plugins.module_utils._report.reports import report

from . import samples
from .samples import CONTACT, NOW, change, guid, instructions


def changes_of(source: t.Any, **more: t.Any) -> Changes:
    found = report(source, NOW, more).changes
    assert found is not None
    return found


def rows_of(*entries: dict[str, t.Any]) -> list[ChangeRow]:
    found = changes_of({"plan": list(entries), "summary": samples.summary(entries)}, kind="plan")
    return [row for one in found.subscriptions for row in one.rows]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (("friendly_name", None, "Contoso"), "nothing → Contoso"),
        (("quantity", 10, 1), "10 → 1"),
        (("auto_renew_enabled", None, True), "off → on"),
        (("support_contact", None, CONTACT), "nothing → Proseware Partners (MPN 4847383)"),
        (
            ("support_contact", {"support_mpn_id": "1", "name": None}, CONTACT),
            "MPN 1 → Proseware Partners (MPN 4847383)",
        ),
        (("end_of_term", "extended_service_term", "cancel"), "extended service term → cancel"),
        (("end_of_term", {"effect": "lapse", "scheduled_actions": None}, "renew"), "lapse → renew"),
        (
            ("scheduled_next_term_instructions", instructions(25), instructions(20)),
            "25 → 20 seats at renewal",
        ),
        (("scheduled_next_term_instructions", instructions(25), instructions(1)), "25 → 1 seat at renewal"),
        (
            ("scheduled_next_term_instructions", instructions(25), instructions(25, term_duration="P3Y")),
            "1 year → 3 years at renewal",
        ),
        (
            ("scheduled_next_term_instructions", instructions(25), None),
            "25 seats, 1 year, billed monthly, product CFQ7TTC0LH18:0001:CFQ7TTC0K971 → as it is at renewal",
        ),
        (("a_setting_of_a_later_release", {"a": None, "b_c": [1, True]}, {}), "b c 1, on → nothing"),
        (("scheduled_next_term_instructions", "torn", ["odd"]), "torn → odd"),
    ],
)
def test_values_are_in_peoples_words(entry: tuple[str, t.Any, t.Any], text: str) -> None:
    (row,) = rows_of(change(0, *entry))
    assert row.change == text


def test_what_waits_for_the_end_of_the_term_says_when_that_is() -> None:
    entry = change(
        0,
        "scheduled_next_term_instructions",
        None,
        instructions(20),
        at_renewal={"term_end": "2027-03-01T23:59:59Z", "unchanged": instructions(25)},
    )
    (row,) = rows_of(entry)
    assert row.change == "25 → 20 seats at renewal on 2027-03-01"
    assert (row.before, row.after) == ("25 seats at renewal", "20 seats at renewal on 2027-03-01")


def test_risky_changes_come_first() -> None:
    found = changes_of(samples.planned(50))
    risky = [row for one in found.risky for row in one.rows]
    assert [row.rank for row in risky] == sorted(row.rank for row in risky)
    assert risky[0].reversible == "no"
    assert "friendly_name" not in {row.field for row in risky}
    assert sum(bool(row.refusals) for row in risky) == sum(one.count for one in found.refusals) == 2
    assert found.refusals[0].codes == ("800090", "900257", "900214")


def test_the_numbers_are_those_of_the_plan() -> None:
    plan = samples.planned(50)
    found = changes_of(plan)
    assert sum(one.changes for one in found.fields) == found.totals.changes == len(plan["changes"]) == 50
    assert sum(one.changes for policy in found.policies for one in policy.fields) == 50
    assert (found.seats.added, found.seats.taken) == (5, 18)
    assert found.ends == (("cancel", 4),)
    assert [one.name for one in found.policies] == [
        *dict.fromkeys(one["policy"] for one in plan["changes"] if one["policy"]),
        "items",
    ]


def test_alike_failures_are_one_with_their_ids() -> None:
    found = changes_of(samples.applied(50, failures=5, left=3))
    (group,) = found.failures
    assert (group.count, group.status, group.code) == (5, 400, "800090")
    assert group.names().endswith("; and 2 more")
    first = group.failures[0]
    assert (first.request_id, first.correlation_id) == (guid(3, 0), guid(4, 0))
    states = [one.state for one in found.subscriptions]
    assert (states.count("failed"), states.count("not attempted")) == (5, 3)


def test_a_plan_file_says_what_could_not_be_planned_and_who_could_not_be_read() -> None:
    who = {"customer_id": guid(1, 9), "customer_name": "Gone Ltd"}
    skipped = {**who, "subscription_id": guid(2, 9), "offer_name": "Azure", "field": "quantity", "policy": "seats"}
    plan = samples.planned(
        3,
        unplanned=[{**skipped, "msg": "Policy 'seats' sets quantity, which is billed by usage."}],
        unavailable=[{**who, "reason": "The relationship has ended."}],
        guard=["3 subscriptions would change, max_changes is 1 (2 too many)."],
    )
    made = report(plan, NOW, {"plan_path": "plan.json"})
    found = made.changes
    assert found is not None
    assert [one.text for one in found.unplanned] == ["Policy 'seats' sets quantity, which is billed by usage."]
    assert [str(one.failures[0].about) for one in made.unavailable] == ["Gone Ltd"]
    assert found.guard == "stops it"
    assert not any("fleet_apply" in step.command for step in made.steps)


def test_a_value_that_nothing_has_is_a_remark_about_its_policy() -> None:
    told = "policies[0].match.customer_name: no customer has customer_name Fabricam*; did you mean Fabrikam Legal LLC?"
    counts = [{"name": "old names", "matched": 0, "excluded": 0, "changed": 0, "skipped": 0}]
    found = changes_of(
        {"plan": [], "summary": {"policies": counts}, "warnings": [told, "Something else."]}, kind="plan"
    )
    (policy,) = found.policies
    assert "no customer has customer_name Fabricam*" in policy.remarks[0]
    assert [one.text for one in found.warnings] == ["Something else."]


@pytest.mark.parametrize("name", samples.HOSTILE)
def test_texts_are_on_one_line_and_free_of_control_characters(name: str) -> None:
    made = report(samples.renamed(samples.planned(3), name), NOW)
    assert made.changes is not None
    shown = made.changes.customers[0].name
    assert "\n" not in shown
    assert shown.isprintable()
    assert "\u202e" not in shown


def test_the_json_form_makes_the_same_report_again() -> None:
    first = report(samples.applied(50, 2, 1), NOW, {"journal_path": "journal.jsonl", "change_reference": "CHG 1"})
    again = report(FORMS["json"].render(first), NOW)
    assert again == first
    assert json.loads(FORMS["json"].render(again))["kind"] == "result"


@pytest.mark.parametrize(
    "source", ["{", "[1]", "3", '{"a": 1}', '{"kind": "recipe"}', '{"plan": 3}', '{"report": 7, "plan": []}']
)
def test_what_is_no_source_is_refused(source: str) -> None:
    with pytest.raises(Refused):
        report(source, NOW)


def test_a_form_that_is_not_known_is_named() -> None:
    with pytest.raises(InvalidInput, match="'pdf' is not known"):
        forms_for("plan", ["json", "pdf"])


def test_renewals_are_a_report_too() -> None:
    made: Report = report({"subscriptions": [], "unavailable": []}, NOW)
    assert (made.topic, made.headline) == ("renewals", "No term ends")
