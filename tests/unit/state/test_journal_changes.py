# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollbacks of journals: what one run did, or may have done, is undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput, Refused
from ansible_collections.csp.partner_center.plugins.module_utils._engine.journal.file import FileJournal
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Target, Write

from .plan_samples import CONTACT, OTHER, RENEWAL, RENEWS_60, Journal, item, to_rollback
from .samples import CUSTOMER, NOW, SUBSCRIPTION


class TestRollbackOfAJournal:
    def test_a_rollback_goes_from_the_last_after_to_the_first_before(self) -> None:
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
    def test_a_write_is_rolled_back_unless_it_is_known_to_have_failed(self, results: list[str], counts: bool) -> None:
        journal = Journal().start("a").write({"quantity": 20}, {"quantity": 25}, *results)
        assert to_rollback(journal.text, NOW)[0] == ([item({"quantity": 25}, quantity=20)] if counts else [])

    def test_a_failed_write_does_not_give_the_first_before(self) -> None:
        journal = Journal().start("a").write({"quantity": 10}, {"quantity": 25}, "failed")
        journal.write({"quantity": 20}, {"quantity": 25}, "applied")
        assert to_rollback(journal.text, NOW)[0] == [item({"quantity": 25}, quantity=20)]

    def test_renewal_instructions_that_the_run_restored_are_not_rolled_back(self) -> None:
        journal = Journal().start("a").write({"quantity": 20}, {"quantity": 25}, "applied")
        scheduled = {RENEWAL: RENEWS_60, fields.NEXT_CHARGE: {"quantity": 1}}
        journal.write(scheduled, scheduled, "applied")
        assert to_rollback(journal.text, NOW) == ([item({"quantity": 25}, quantity=20)], [])

    def test_support_contacts_are_rolled_back_where_there_was_one(self) -> None:
        before = {"support_mpn_id": "1", "support_tenant_id": CUSTOMER, "name": "before"}
        journal = Journal().start("a").write(before, CONTACT, "applied", kind="support_contact")
        journal.write(dict.fromkeys(CONTACT), CONTACT, "applied", kind="support_contact", subscription_id=OTHER)
        items, (sentence,) = to_rollback(journal.text, NOW)
        # What was there is laid back, whatever the subscription is.
        back = {**before, "allow_new_commerce": True}
        assert items == [item({"support_contact": CONTACT}, support_contact=back)]
        assert OTHER in sentence
        assert "there was no support contact" in sentence

    def test_the_support_profile_is_named_and_not_rolled_back(self) -> None:
        journal = Journal().start("a")
        none = {"customer_id": None, "subscription_id": None, "kind": "support_profile"}
        journal.write({"email": "ä@b", "website": "w"}, {"email": "c@d", "website": "w"}, "applied", **none)
        items, (sentence,) = to_rollback(journal.text, NOW)
        assert items == []
        assert sentence.startswith('The former state (email "ä@b") of ')
        assert sentence.endswith("set it with the module pc_support_profile.")

    def test_a_kind_that_is_not_known_yet_is_named_and_the_rest_is_rolled_back(self) -> None:
        journal = Journal().start("a").write({"quantity": 20}, {"quantity": 25}, "applied")
        other = {"kind": "invoice", "subscription_id": None}
        journal.write({"status": "active", "city": "Bonn"}, {"status": "deleted", "city": "Berlin"}, "applied", **other)
        items, (sentence,) = to_rollback(journal.text, NOW)
        assert items == [item({"quantity": 25}, quantity=20)]
        assert f"a resource of the unknown kind 'invoice' (customer_id {CUSTOMER})" in sentence
        assert 'The former state (status "active", city "Bonn")' in sentence

    def test_a_cancellation_is_named_and_not_rolled_back(self) -> None:
        journal = Journal().start("a").write({"status": "active"}, {"status": "deleted"}, "applied")
        items, (sentence,) = to_rollback(journal.text, NOW)
        assert items == []
        assert sentence == (
            f"status (active → deleted) of subscription {SUBSCRIPTION} of customer {CUSTOMER} is not rolled back: a "
            "cancelled subscription cannot be brought back."
        )

    @pytest.mark.parametrize(("result", "is_named"), [("unknown", True), ("accepted", True), ("applied", False)])
    def test_schedules_set_before_a_cancellation_are_named_unless_it_was_applied(
        self, result: str, is_named: bool
    ) -> None:
        journal = Journal().start("a").write({RENEWAL: None}, {RENEWAL: RENEWS_60}, "applied", step="renewal")
        both = {RENEWAL: RENEWS_60, "status": "active"}, {RENEWAL: None, "status": "deleted"}
        items, left_out = to_rollback(journal.write(*both, result, step="cancel").text, NOW)
        assert items == []
        assert any(sentence.startswith(f"{RENEWAL} (nothing → ") for sentence in left_out) is is_named

    def test_the_last_run_that_wrote_is_rolled_back_unless_one_is_named(self) -> None:
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
    def test_a_run_of_another_tenant_or_address_is_refused(self, here: dict[str, str | None], said: str) -> None:
        journal = Journal().start("a").write({"quantity": 1}, {"quantity": 2}, "applied")
        journal.start("b").write({"quantity": 2}, {"quantity": 3}, "applied")
        if said:
            with pytest.raises(Refused, match=said):
                to_rollback(journal.text, NOW, None, here)
        else:
            assert to_rollback(journal.text, NOW, None, here)[0] == [item({"quantity": 3}, quantity=2)]

    def test_a_run_without_a_start_is_rolled_back_anywhere(self) -> None:
        journal = Journal().start("a").write({"quantity": 1}, {"quantity": 2}, "applied")
        del journal.lines[0]
        assert to_rollback(journal.text, NOW, None, {"tenant_id": "t"})[0] == [item({"quantity": 2}, quantity=1)]

    def test_only_the_last_runs_are_listed_for_an_unknown_run_id(self) -> None:
        journal = Journal()
        for number in range(30):
            journal.start(f"run{number}")
        with pytest.raises(Refused, match=r"it holds run10 .*run29 .*\(and 10 before them\)"):
            to_rollback(journal.text, NOW, "x")

    def test_a_journal_without_writes_gives_no_items(self) -> None:
        items, (sentence,) = to_rollback(Journal().start("a").end().text, NOW)
        assert (items, "no run that wrote anything" in sentence) == ([], True)
        for text in ("", "\n", "{"):
            with pytest.raises(Refused, match="holds no run"):
                to_rollback(text, NOW)

    def test_a_torn_line_at_the_end_of_a_run_is_passed_over(self) -> None:
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
            (
                '{"run": "a", "event": "intent"}',
                "Line 2 .* it is an intent that lacks kind, request_id",
            ),
            (
                '{"run": "a", "event": "intent", "kind": "subscription", "before": 1, "after": {}, "request_id": "r"}',
                "Line 2 .* it is an intent that lacks kind, request_id",
            ),
        ],
    )
    def test_a_damaged_line_is_refused_with_its_number(self, line: str, said: str) -> None:
        journal = Journal().start("a")
        journal.lines.append(line)
        journal.write({"quantity": 1}, {"quantity": 2}, "applied")
        with pytest.raises(Refused, match=said):
            to_rollback(journal.text, NOW)

    def test_an_unknown_field_is_refused_with_its_line(self) -> None:
        journal = Journal().start("a").write({"seats": 1}, {"seats": 2}, "applied")
        with pytest.raises(InvalidInput, match=r"line 2\.field: 'seats' is not known"):
            to_rollback(journal.text, NOW)

    def test_an_unknown_event_is_passed_over(self) -> None:
        journal = Journal().start("a").write({"quantity": 1}, {"quantity": 2}, "applied")
        journal.add("weather", sun=True)
        assert to_rollback(journal.text, NOW)[0] == [item({"quantity": 2}, quantity=1)]

    def test_a_redacted_value_is_refused_if_its_run_is_rolled_back(self) -> None:
        journal = Journal().start("a").write({"friendly_name": "********"}, {"friendly_name": "b"}, "applied")
        with pytest.raises(Refused, match=r"line 2\.before\.friendly_name was redacted"):
            to_rollback(journal.text, NOW)
        journal.start("b").write({"quantity": 1}, {"quantity": 2}, "applied")
        assert to_rollback(journal.text, NOW)[0] == [item({"quantity": 2}, quantity=1)]

    def test_a_name_with_line_separators_is_rolled_back_whole(self) -> None:
        name = "Straße 1\u2028\x85Haus\n7"
        journal = Journal().start("a").write({"friendly_name": name}, {"friendly_name": "b"}, "applied")
        assert to_rollback(journal.text, NOW)[0] == [item({"friendly_name": "b"}, friendly_name=name)]

    def test_a_journal_that_the_engine_wrote_is_rolled_back(self, tmp_path: Path) -> None:
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
