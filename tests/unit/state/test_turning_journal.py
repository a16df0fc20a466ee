# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Journals turned round: what one run did, or may have done, is undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput, Refused
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Target, Write
from ansible_collections.csp.partner_center.plugins.module_utils._state.turning import to_rollback

from .samples import CUSTOMER, NOW, SUBSCRIPTION
from .turning_samples import CONTACT, OTHER, RENEWAL, RENEWS_60, Journal, item


class TestRollbackOfAJournal:
    def test_first_before_and_last_after(self) -> None:
        journal = Journal().start("a")
        journal.write({"quantity": 20}, {"quantity": 25}, "applied")
        journal.write({"friendly_name": "b"}, {"friendly_name": "a"}, "applied", subscription_id=OTHER)
        journal.write(
            {"quantity": 25, "friendly_name": "x"},
            {"quantity": 30, "friendly_name": "y"},
            "applied",
            subscription_id=SUBSCRIPTION.upper(),
        )
        assert to_rollback(journal.end().text, NOW) == (
            [
                item({"quantity": 30, "friendly_name": "y"}, quantity=20, friendly_name="x"),
                item({"friendly_name": "a"}, OTHER, friendly_name="b"),
            ],
            [],
        )

    @pytest.mark.parametrize(
        ("results", "counts"),
        [
            (["applied"], True),
            (["accepted"], True),
            (["unknown"], True),
            ([], True),
            (["failed"], False),
            (["unknown", "applied"], True),
            (["accepted", "failed"], False),
        ],
    )
    def test_only_what_may_have_happened_counts(self, results: list[str], counts: bool) -> None:
        journal = Journal().start("a").write({"quantity": 20}, {"quantity": 25}, *results)
        assert to_rollback(journal.text, NOW)[0] == ([item({"quantity": 25}, quantity=20)] if counts else [])

    def test_a_failed_write_is_not_the_first(self) -> None:
        journal = Journal().start("a").write({"quantity": 10}, {"quantity": 25}, "failed")
        journal.write({"quantity": 20}, {"quantity": 25}, "applied")
        assert to_rollback(journal.text, NOW)[0] == [item({"quantity": 25}, quantity=20)]

    def test_instructions_that_were_written_back_are_not_touched(self) -> None:
        journal = Journal().start("a").write({"quantity": 20}, {"quantity": 25}, "applied")
        scheduled = {RENEWAL: RENEWS_60, fields.NEXT_CHARGE: {"quantity": 1}}
        journal.write(scheduled, scheduled, "applied")
        assert to_rollback(journal.text, NOW) == ([item({"quantity": 25}, quantity=20)], [])

    def test_support_contacts(self) -> None:
        before = {"support_mpn_id": "1", "support_tenant_id": CUSTOMER, "name": "before"}
        journal = Journal().start("a").write(before, CONTACT, "applied", kind="support_contact")
        journal.write(dict.fromkeys(CONTACT), CONTACT, "applied", kind="support_contact", subscription_id=OTHER)
        items, (sentence,) = to_rollback(journal.text, NOW)
        assert items == [item({"support_contact": CONTACT}, support_contact=before)]
        assert OTHER in sentence
        assert "there was no support contact" in sentence

    def test_the_support_profile_is_named(self) -> None:
        journal = Journal().start("a")
        none = {"customer_id": None, "subscription_id": None, "kind": "support_profile"}
        journal.write({"email": "ä@b", "website": "w"}, {"email": "c@d", "website": "w"}, "applied", **none)
        items, (sentence,) = to_rollback(journal.text, NOW)
        assert items == []
        assert 'Before, it was email "ä@b"; set that with the module pc_support_profile.' in sentence

    def test_what_cannot_be_undone(self) -> None:
        journal = Journal().start("a").write({"status": "active"}, {"status": "deleted"}, "applied")
        items, (sentence,) = to_rollback(journal.text, NOW)
        assert items == []
        assert sentence == (
            f"status (active → deleted) of subscription {SUBSCRIPTION} of customer {CUSTOMER} is left as it is: a "
            "cancelled subscription cannot be brought back."
        )

    @pytest.mark.parametrize(("result", "is_named"), [("unknown", True), ("accepted", True), ("applied", False)])
    def test_what_would_have_gone_with_a_cancellation_that_nobody_saw(self, result: str, is_named: bool) -> None:
        journal = Journal().start("a").write({RENEWAL: None}, {RENEWAL: RENEWS_60}, "applied", step="renewal")
        both = {RENEWAL: RENEWS_60, "status": "active"}, {RENEWAL: None, "status": "deleted"}
        items, left_out = to_rollback(journal.write(*both, result, step="cancel").text, NOW)
        assert items == []
        assert any(sentence.startswith(f"{RENEWAL} (nothing → ") for sentence in left_out) is is_named

    def test_which_run(self) -> None:
        journal = Journal().start("a").write({"quantity": 1}, {"quantity": 2}, "applied").end()
        journal.start("b").write({"quantity": 2}, {"quantity": 3}, "applied").end().start("c").end()
        assert to_rollback(journal.text, NOW)[0] == [item({"quantity": 3}, quantity=2)]
        assert to_rollback(journal.text, NOW, " A ")[0] == [item({"quantity": 2}, quantity=1)]
        assert to_rollback(journal.text, NOW, "c") == ([], [])
        with pytest.raises(
            Refused, match=r"no run d; it holds a \(2026-11-20T12:00:00Z, 1 write\), b .*, c .* 0 writes"
        ):
            to_rollback(journal.text, NOW, "d")

    @pytest.mark.parametrize(
        ("here", "said"),
        [
            ({"tenant_id": "T", "api_url": "https://API/"}, ""),
            ({"tenant_id": None, "api_url": None}, ""),
            (
                {"tenant_id": "other", "api_url": None},
                "run b was made for the tenant t, and the credentials are",
            ),
            (
                {"tenant_id": "t", "api_url": "https://127.0.0.1"},
                "run b was made against https://api, and this is",
            ),
        ],
    )
    def test_a_run_of_another_tenant_or_address(self, here: dict[str, str | None], said: str) -> None:
        journal = Journal().start("a").write({"quantity": 1}, {"quantity": 2}, "applied")
        journal.start("b").write({"quantity": 2}, {"quantity": 3}, "applied")
        if said:
            with pytest.raises(Refused, match=said):
                to_rollback(journal.text, NOW, None, here)
        else:
            assert to_rollback(journal.text, NOW, None, here)[0] == [item({"quantity": 3}, quantity=2)]

    def test_a_run_that_does_not_say_where_it_was(self) -> None:
        journal = Journal().start("a").write({"quantity": 1}, {"quantity": 2}, "applied")
        del journal.lines[0]
        assert to_rollback(journal.text, NOW, None, {"tenant_id": "t"})[0] == [item({"quantity": 2}, quantity=1)]

    def test_many_runs_are_not_all_listed(self) -> None:
        journal = Journal()
        for number in range(30):
            journal.start(f"run{number}")
        with pytest.raises(Refused, match=r"it holds run10 .*run29 .*\(and 10 before them\)"):
            to_rollback(journal.text, NOW, "x")

    def test_nothing_was_written(self) -> None:
        items, (sentence,) = to_rollback(Journal().start("a").end().text, NOW)
        assert (items, "no run that wrote anything" in sentence) == ([], True)
        for text in ("", "\n", "{"):
            with pytest.raises(Refused, match="holds no run"):
                to_rollback(text, NOW)

    def test_half_a_line_at_the_end_of_a_run(self) -> None:
        journal = Journal().start("a").write({"quantity": 1}, {"quantity": 2}).write({"quantity": 2}, {"quantity": 9})
        journal.lines[-1] = journal.lines[-1][:40]
        expected = [item({"quantity": 2}, quantity=1)]
        assert to_rollback(journal.text, NOW)[0] == expected
        assert to_rollback(journal.text.rstrip("\n"), NOW)[0] == expected
        assert to_rollback(journal.text.replace("\n", "\r\n") + "\0\0\0", NOW)[0] == expected
        journal.lines.append('{"run": "b", "ti')
        journal.start("c")
        assert to_rollback(journal.text, NOW)[0] == expected

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ('{"run": "a"', "Line 2 of the journal is damaged: it is not JSON, and the run goes on"),
            ("hello", "Line 2 of the journal is damaged: it is not JSON"),
            ("[]", "Line 2 .* not an object with run and event"),
            ('{"run": 1, "event": "start"}', "Line 2 .* not an object with run and event"),
            ('{"run": "a", "event": "intent"}', "Line 2 .* it lacks what an intent says"),
            (
                '{"run": "a", "event": "intent", "kind": "subscription", "before": 1, "after": {}, "request_id": "r"}',
                "Line 2 .* it lacks what an intent says",
            ),
        ],
    )
    def test_other_garbage_is_an_error(self, line: str, said: str) -> None:
        journal = Journal().start("a")
        journal.lines.append(line)
        journal.write({"quantity": 1}, {"quantity": 2}, "applied")
        with pytest.raises(Refused, match=said):
            to_rollback(journal.text, NOW)

    def test_an_unknown_field_is_an_error(self) -> None:
        journal = Journal().start("a").write({"seats": 1}, {"seats": 2}, "applied")
        with pytest.raises(InvalidInput, match=r"line 2\.field: 'seats' is not known"):
            to_rollback(journal.text, NOW)

    def test_unknown_events_are_passed_over(self) -> None:
        journal = Journal().start("a").write({"quantity": 1}, {"quantity": 2}, "applied")
        journal.add("weather", sun=True)
        assert to_rollback(journal.text, NOW)[0] == [item({"quantity": 2}, quantity=1)]

    def test_redacted_values(self) -> None:
        journal = Journal().start("a").write({"friendly_name": "********"}, {"friendly_name": "b"}, "applied")
        with pytest.raises(Refused, match=r"line 2\.before\.friendly_name was redacted"):
            to_rollback(journal.text, NOW)
        journal.start("b").write({"quantity": 1}, {"quantity": 2}, "applied")
        assert to_rollback(journal.text, NOW)[0] == [item({"quantity": 2}, quantity=1)]

    def test_names_with_line_ends_of_their_own(self) -> None:
        name = "Straße 1\u2028\x85Haus\n7"
        journal = Journal().start("a").write({"friendly_name": name}, {"friendly_name": "b"}, "applied")
        assert to_rollback(journal.text, NOW)[0] == [item({"friendly_name": "b"}, friendly_name=name)]

    def test_a_journal_as_the_engine_writes_it(self, tmp_path: Path) -> None:
        journal = FileJournal(str(tmp_path / "journal.jsonl"), lambda: NOW, "CHG1")
        journal.start(tenant_id="t", api_url="https://api")
        write = Write(Target("subscription", CUSTOMER, SUBSCRIPTION), "change", {"quantity": 25})
        journal.intent(write, {"quantity": 20}, {"quantity": 25}, "r")
        journal.outcome("r", "applied", "c")
        contact = Write(Target("support_contact", CUSTOMER, SUBSCRIPTION), "put", CONTACT)
        journal.intent(contact, dict.fromkeys(CONTACT), CONTACT, "s")
        journal.close({"changed": 1})
        text = Path(journal.path).read_text()
        items, (sentence,) = to_rollback(text, NOW, journal.run_id)
        assert items == [item({"quantity": 25}, quantity=20)]
        assert sentence.startswith("support_contact (nothing → {")
