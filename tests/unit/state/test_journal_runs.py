# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runs in a journal: what each wrote, what undid it, which one is undone next, and how a person is shown them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Refused
from ansible_collections.csp.partner_center.plugins.module_utils._report import runs as report
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import journal_runs
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.journal_runs import runs_of_journal

from .plan_samples import OTHER, Journal, item, to_rollback
from .samples import NOW

A, B, X, Y, Z = (f"{letter * 8}-1111-4222-8333-444444444444" for letter in "abcde")
DIGEST = "8f2f72ee" * 8
DONE = {"failed": 0, "not_attempted": 0}


def wrote(journal: Journal, run: str, *results: str, end: dict[str, t.Any] | None = None, **start: t.Any) -> Journal:
    journal.start(run, **start).write({"quantity": 1}, {"quantity": 2}, *results)
    return journal.end(**DONE if end is None else end)


def undone(journal: Journal, run: str, origin: str, end: dict[str, t.Any] | None = None) -> Journal:
    journal.start(run, undoes=origin).write({"quantity": 2}, {"quantity": 1}, "applied")
    return journal if end == {} else journal.end(**DONE if end is None else end)


def states(journal: Journal) -> dict[str, tuple[str, list[str]]]:
    """By the first letter of each run's id: whether it is undone, and the first letters of those that undid it."""
    runs = runs_of_journal(journal.text)
    return {one.run.id[0]: (one.undone, [by.id[0] for by in one.undone_by]) for one in runs}


def chosen(journal: Journal, run_id: str | int | None = None) -> str | None:
    found = journal_runs.run_to_undo(runs_of_journal(journal.text), run_id)
    return None if found is None else found.run.id[0]


class TestRuns:
    def test_a_run_is_told_by_its_lines(self) -> None:
        journal = Journal().start(A, change_reference="CHG1", plan_digest=DIGEST)
        journal.write({"quantity": 1}, {"quantity": 2}, "applied").write({"quantity": 1}, {"quantity": 2}, "failed")
        journal.write({"quantity": 1}, {"quantity": 2}, "unknown").write({}, {}, step="restore").end(failed=7)
        (told,) = (one.to_dict() for one in runs_of_journal(journal.text))
        time = "2026-11-20T12:00:00Z"
        assert told == {
            "id": A,
            "time": time,
            "ended": time,
            "change_reference": "CHG1",
            "tenant_id": "t",
            "api_url": "https://api",
            "plan_digest": DIGEST,
            "undoes": None,
            "writes": 2,
            "uncertain": 2,
            "failures": 7,
            "undone": "no",
            "undone_by": [],
        }

    def test_one_that_did_not_end_counts_the_subscriptions_whose_last_write_failed(self) -> None:
        journal = Journal().start(A).write({"quantity": 1}, {"quantity": 2}, "failed")
        journal.write({"quantity": 1}, {"quantity": 2}, "applied")
        journal.write({"quantity": 1}, {"quantity": 2}, "failed", subscription_id=OTHER)
        (found,) = runs_of_journal(journal.text)
        assert (found.run.ended, found.run.failures, found.run.writes) == (None, 1, 1)


class TestUndone:
    def test_a_rollback_without_a_failure_has_undone_its_run(self) -> None:
        journal = undone(wrote(wrote(Journal(), A, "applied"), B, "applied"), X, B.upper())
        assert states(journal) == {"a": ("no", []), "b": ("yes", ["c"]), "c": ("no", [])}
        assert chosen(journal) == "a"
        assert chosen(undone(journal, Y, A)) is None

    @pytest.mark.parametrize("end", [{}, {"failed": 1, "not_attempted": 0}, {"failed": 0, "not_attempted": 1}])
    def test_one_with_a_failure_or_without_an_end_has_undone_a_part_and_the_next_does_the_rest(
        self, end: dict[str, int]
    ) -> None:
        journal = undone(wrote(Journal(), A, "applied"), X, A, end)
        assert states(journal)["a"] == ("partly", ["c"])
        assert chosen(journal) == "a"
        assert to_rollback(journal.text, NOW)[0] == [item({"quantity": 2}, quantity=1)]
        assert states(undone(journal, Y, A))["a"] == ("yes", ["c", "d"])

    def test_one_that_wrote_nothing_and_failed_has_undone_nothing(self) -> None:
        journal = wrote(Journal(), A, "applied").start(X, undoes=A).end(failed=1)
        assert states(journal)["a"] == ("no", [])
        journal.start(Y, undoes=A).end(**DONE)
        assert states(journal)["a"] == ("yes", ["d"]), "there was nothing left to undo"

    def test_a_rollback_that_is_rolled_back_has_undone_nothing_any_more(self) -> None:
        journal = undone(undone(wrote(Journal(), A, "applied"), X, A), Y, X)
        assert states(journal) == {"a": ("no", []), "c": ("yes", ["d"]), "d": ("no", [])}
        assert chosen(journal) == "a"
        assert states(undone(journal, Z, Y))["a"] == ("yes", ["c"])

    def test_the_rollback_of_a_plan_counts_for_the_runs_that_applied_it_before(self) -> None:
        journal = wrote(wrote(Journal(), A, "applied", plan_digest=DIGEST), B, "applied", plan_digest="0" * 64)
        undone(journal, X, DIGEST)
        wrote(journal, Y, "applied", plan_digest=DIGEST)
        assert states(journal) == {"a": ("yes", ["c"]), "b": ("no", []), "c": ("no", []), "d": ("no", [])}

    def test_a_run_does_not_undo_itself_or_a_later_one(self) -> None:
        journal = wrote(wrote(wrote(Journal(), A, "applied", undoes=A), X, "applied", undoes=B), B, "applied")
        assert {name: state for name, (state, _by) in states(journal).items()} == dict.fromkeys("acb", "no")


class TestChoice:
    def test_the_last_that_wrote_is_taken_and_a_failed_write_is_none(self) -> None:
        journal = wrote(wrote(Journal(), A, "unknown"), B, "failed").start(X).end(**DONE)
        assert chosen(journal) == "a"

    def test_a_run_is_named_by_the_beginning_of_its_id(self) -> None:
        twin = f"{A[:-1]}5"
        journal = wrote(wrote(wrote(Journal(), A, "applied"), twin, "applied"), B, "applied")
        assert (chosen(journal, f" {B[:8].upper()} "), chosen(journal, A)) == ("b", "a")
        with pytest.raises(Refused, match=rf"more than one run {A[:8]}; it holds {A} \(2026-11-20T12:00:00Z, 1 write"):
            chosen(journal, A[:8])
        with pytest.raises(Refused, match=f"no run {B[:7]}; it holds"):
            chosen(journal, B[:7])

    def test_an_id_of_digits_alone_may_come_as_a_number(self) -> None:
        digits = f"12345678{A[8:]}"
        journal = wrote(wrote(Journal(), digits, "applied"), B, "applied")
        assert chosen(journal, 12345678) == chosen(journal, "12345678")
        assert chosen(journal, 12345678) != chosen(journal)

    def test_what_is_undone_already_is_not_undone_again(self) -> None:
        journal = undone(wrote(Journal(), A, "applied", change_reference="CHG1"), X, A)
        run = f"run {A} (2026-11-20T12:00:00Z, CHG1, 1 write)"
        by = f"by run {X} (2026-11-20T12:00:00Z)"
        assert to_rollback(journal.text, NOW, A) == (
            [],
            [f"A rollback of the journal's {run} is not needed: it is undone already, {by}."],
        )
        assert to_rollback(journal.text, NOW) == (
            [],
            [
                (
                    "A rollback of the journal is not needed: all its runs are undone already; the last of them was "
                    f"{run}, undone {by}."
                )
            ],
        )
        assert to_rollback(journal.text, NOW, X)[0] == [item({"quantity": 1}, quantity=2)]


class TestText:
    def test_the_runs_are_a_table_of_80_columns(self) -> None:
        journal = wrote(Journal(), A, "applied", change_reference="a reference that is too long")
        wrote(journal, B, "applied", plan_digest=DIGEST)
        undone(undone(journal, X, B), Y, A, {})
        journal.start(Z, undoes="0" * 64, tenant_id="other").write({"quantity": 1}, {"quantity": 2})
        told = report.table_of_runs(runs_of_journal(journal.text), "j.jsonl", {Y: "j-result-d.json"})
        assert told == [
            "5 runs in j.jsonl (times are UTC)",
            "",
            "  run       time              reference         writes  failed",
            "  aaaaaaaa  2026-11-20 12:00  a reference tha…       1       0",
            "            undone in part by dddddddd",
            "            tenant t",
            "  bbbbbbbb  2026-11-20 12:00                         1       0",
            "            undone by cccccccc",
            "            tenant t",
            "  cccccccc  2026-11-20 12:00                         1       0",
            "            undoes run bbbbbbbb",
            "            tenant t",
            "  dddddddd  2026-11-20 12:00                         1       0",
            "            undoes run aaaaaaaa",
            "            did not end",
            "            tenant t",
            "            its result is in j-result-d.json",
            "  eeeeeeee  2026-11-20 12:00                         1       0",
            "            undoes the plan 00000000",
            "            did not end",
            "            it is not known whether 1 write was made",
            "            tenant other",
            "",
            "To undo run aaaaaaaa (another one: -e run_id=…, only to look: -e fleet_apply=false):",
            "  ansible-playbook csp.partner_center.fleet_rollback -e journal_path=j.jsonl",
        ]

    def test_only_the_last_of_many_are_shown(self) -> None:
        journal = Journal()
        for number in range(23):
            undone(wrote(journal, f"{number:08}", "applied"), f"{number:08}-x", f"{number:08}")
        told = report.table_of_runs(runs_of_journal(journal.text), "j.jsonl", {})
        assert told[2] == "  … and 26 runs before these"
        assert told[-1] == "Nothing is left to undo."
        assert "  00000022-x  2026" in told[-4], "short ids only where they tell the runs apart"
