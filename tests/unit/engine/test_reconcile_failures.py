# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One subscription where writes are slow, refused, lost, repeated or contradicted."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.reconcile import result_of
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import Options

from ..emulators import Emulator
from .one_path import OnePath

PATCH = {"method": "PATCH"}


def ids_of(requests: t.Iterable[dict[str, t.Any]]) -> list[str]:
    return [one["request_id"] for one in requests]


class TestAccepted:
    @pytest.mark.parametrize("location", ["relative", "v1", "absolute", "none"])
    @pytest.mark.parametrize("meanwhile", ["old", "202", "204", "empty"])
    def test_an_accepted_write_is_waited_for(
        self, path: OnePath, emulator: Emulator, location: str, meanwhile: str
    ) -> None:
        emulator.switch(patch_answer="202", accepted_location=location, accepted_delay=12, pending_get=meanwhile)
        ids = emulator.find("nce")
        outcome = path.set(ids, quantity=200)
        assert outcome.error is None
        assert outcome.changed
        assert 12 <= path.seconds <= 20
        assert (outcome.resource or {})["quantity"] == 200
        assert len(emulator.writes()) == 1

    def test_an_accepted_write_that_never_completes_is_a_clear_error(self, path: OnePath, emulator: Emulator) -> None:
        emulator.switch(patch_answer="202", accepted_delay="never")
        ids = emulator.find("nce")
        outcome = path.set(ids, quantity=200, options=Options(wait_timeout=60))
        said = str(outcome.error)
        assert "accepted" in said
        assert "60 seconds" in said
        assert f"/customers/{ids[0]}/subscriptions/{ids[1]}".lower() in said.lower()
        assert 60 <= path.seconds < 66
        assert outcome.changed, "an accepted write may still happen"
        assert outcome.request_id == emulator.writes()[0]["request_id"]

    def test_an_accepted_write_that_is_lost_is_a_clear_error(self, path: OnePath, emulator: Emulator) -> None:
        emulator.switch(patch_answer="202", accepted_outcome="lost", accepted_delay=1)
        outcome = path.set(emulator.find("nce"), quantity=200, options=Options(wait_timeout=30))
        assert "did not finish" in str(outcome.error)

    def test_an_accepted_write_is_not_waited_for_with_wait_false(self, path: OnePath, emulator: Emulator) -> None:
        emulator.switch(patch_answer="202", accepted_delay=60)
        ids = emulator.find("nce")
        outcome = path.set(ids, quantity=200, options=Options(wait=False))
        assert outcome.error is None
        assert outcome.operation == {"location": emulator.location_of(ids), "pending": True}
        assert path.seconds == 0

    def test_earlier_writes_of_an_item_are_waited_for_with_wait_false(self, path: OnePath, emulator: Emulator) -> None:
        emulator.switch(patch_answer="202", accepted_delay=12)
        ids = emulator.find("scheduled")
        outcome = path.set(ids, quantity=200, options=Options(wait=False))
        assert outcome.error is None
        assert len(emulator.writes()) == 2
        assert path.seconds >= 12
        assert outcome.operation is not None

    def test_a_location_at_another_origin_is_refused_and_the_write_reported_as_accepted(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        emulator.switch(patch_answer="202", accepted_location="foreign")
        outcome = path.set(emulator.find("nce"), quantity=200)
        assert "accepted" in str(outcome.error)
        assert outcome.changed


class TestOtherAnswers:
    @pytest.mark.parametrize(
        "body", [{}, {"statusCode": 500, "message": "Internal"}, {"id": "00000000-0000-0000-0000-000000000000"}]
    )
    def test_an_answer_that_is_not_the_subscription_is_never_written_back(
        self, path: OnePath, emulator: Emulator, body: dict[str, t.Any]
    ) -> None:
        rule = {"match": {"method": "GET", "path": "/v1/*"}, "action": "body", "body": body, "times": None}
        emulator.control("POST", "faults", [{**rule, "skip": skip} for skip in (1,)])
        outcome = path.set(emulator.find("nce"), friendly_name="n")
        assert "not with what was asked for" in str(outcome.error)
        assert emulator.writes() == []

    def test_a_404_while_a_change_is_being_made_is_waited_over(self, path: OnePath, emulator: Emulator) -> None:
        emulator.switch(patch_answer="202", accepted_delay=12)
        emulator.fault(match={"method": "GET", "path": "/v1/*"}, skip=2, action="error", status=404, code=1000)
        outcome = path.set(emulator.find("nce"), quantity=200)
        assert outcome.error is None
        assert outcome.changed

    def test_auto_renew_is_checked_again_right_before_renewal_instructions_are_written(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        ids = emulator.find("nce")
        emulator.hook(ids, on="GET", nth=2, autoRenewEnabled=False)
        outcome = path.set(ids, scheduled_next_term_instructions={"quantity": 5})
        assert "needs auto-renew" in str(outcome.error)
        assert emulator.writes() == []

    def test_the_other_path_of_the_profile_is_tried_with_one_request_id(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        emulator.switch(support_profile_put="supportprofile")
        emulator.fault(match={"method": "PUT", "path": "*/supportprofile"}, action="status", status=500)
        outcome = path.set(None, "support_profile", telephone="+1 425 555 0100")
        assert outcome.error is None
        other = [one for one in emulator.writes() if one["path"].endswith("supportprofile")]
        assert len(other) == 2
        assert len(set(ids_of(other))) == 1


class TestNotApplied:
    @pytest.mark.parametrize("show", ["old", "new"])
    def test_a_success_without_effect_is_reported(self, path: OnePath, emulator: Emulator, show: str) -> None:
        emulator.fault(match=PATCH, action="not_applied", show=show)
        ids = emulator.find("nce")
        outcome = path.set(ids, quantity=200)
        if show == "new":
            # The answer itself shows the change: all that a client can see without reading after every write.
            assert outcome.error is None
            return
        assert "does not show the change: quantity is" in str(outcome.error)
        assert not outcome.changed
        assert [one["method"] for one in emulator.requests()] == ["GET", "GET", "PATCH", "GET"]

    def test_a_stale_answer_is_read_again(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        emulator.fault(match=PATCH, action="apply_then_status", status=200, body=emulator.stored(ids))
        outcome = path.set(ids, quantity=200)
        assert outcome.error is None
        assert outcome.changed

    @pytest.mark.parametrize("action", ["empty", "truncate"])
    def test_an_unreadable_answer_is_read_again(self, path: OnePath, emulator: Emulator, action: str) -> None:
        emulator.fault(match=PATCH, action=action)
        outcome = path.set(emulator.find("nce"), quantity=200)
        assert outcome.error is None
        assert outcome.changed
        assert emulator.effective_writes() == 1

    def test_what_shows_only_in_a_later_read_is_reported_as_made(self, path: OnePath, emulator: Emulator) -> None:
        """A field that is left out is cleared, and neither the answer nor the read after it says so."""
        ids = emulator.find("scheduled")
        emulator.fault(match=PATCH, action="empty")
        emulator.fault(match={"method": "GET", "path": f"*/{ids[1]}"}, skip=2, action="stale_read")
        outcome = path.set(ids, clear_scheduled_next_term_instructions=True)
        assert outcome.error is None
        assert outcome.changed
        assert len(emulator.writes()) == 1

    def test_damage_to_other_fields_is_reported(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        emulator.hook(ids, on="GET", nth=3, autoRenewEnabled=False)
        emulator.fault(match=PATCH, action="empty")
        outcome = path.set(ids, quantity=200)
        assert "auto_renew_enabled was true" in str(outcome.error)
        assert outcome.changed
        assert list(result_of(outcome.changes)) == ["quantity"]


class TestConcurrentWriters:
    def test_a_change_made_before_the_fresh_read_is_kept(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        emulator.hook(ids, on="GET", nth=2, quantity=99)
        outcome = path.set(ids, friendly_name="n")
        assert outcome.error is None
        (write,) = emulator.writes()
        assert json.loads(write["body"])["quantity"] == 99
        assert emulator.stored(ids)["quantity"] == 99

    def test_the_same_change_made_by_somebody_else_leaves_nothing_to_write(
        self, path: OnePath, emulator: Emulator
    ) -> None:
        ids = emulator.find("nce")
        emulator.hook(ids, on="GET", nth=2, friendlyName="n")
        outcome = path.set(ids, friendly_name="n")
        assert (outcome.error, outcome.changed, outcome.changes) == (None, False, ())
        assert emulator.writes() == []

    @pytest.mark.parametrize("answer", ["412", "2055", "417"])
    def test_a_change_made_between_read_and_write_is_read_and_kept(
        self, path: OnePath, emulator: Emulator, answer: str
    ) -> None:
        emulator.switch(stale_if_match=answer)
        ids = emulator.find("legacy")
        emulator.hook(ids, on="PATCH", quantity=7)
        outcome = path.set(ids, friendly_name="n")
        assert outcome.error is None
        refused, written = emulator.writes()
        assert refused["status"] in (400, 412, 417)
        assert written["status"] == 200
        assert refused["request_id"] != written["request_id"]
        after = emulator.stored(ids)
        assert (after["friendlyName"], after["quantity"]) == ("n", 7)

    def test_an_etag_that_is_always_stale_ends_in_a_clear_error(self, path: OnePath, emulator: Emulator) -> None:
        emulator.fault(
            match=PATCH, action="error", status=400, code=2055, description="ETag is no longer valid", times=None
        )
        outcome = path.set(emulator.find("legacy"), friendly_name="n")
        assert "2055" in str(outcome.error)
        assert len(emulator.writes()) == 5
        assert not outcome.changed

    def test_a_412_with_an_unchanged_etag_is_tried_without_the_header(self, path: OnePath, emulator: Emulator) -> None:
        emulator.fault(match=PATCH, action="error", status=412, code=0, description="precondition failed")
        outcome = path.set(emulator.find("legacy"), friendly_name="n")
        assert outcome.error is None
        with_header, without = ({name.lower() for name in one["headers"]} for one in emulator.writes())
        assert "if-match" in with_header
        assert "if-match" not in without

    def test_a_pending_operation_is_waited_for(self, path: OnePath, emulator: Emulator) -> None:
        emulator.fault(match=PATCH, action="error", status=409, code=900278, description="pending operation", times=3)
        outcome = path.set(emulator.find("nce"), friendly_name="n")
        assert outcome.error is None
        assert path.seconds == 5 + 7.5 + 11.25
        assert len(set(ids_of(emulator.writes()))) == 4

    def test_a_pending_operation_that_stays_fails_with_the_apis_text(self, path: OnePath, emulator: Emulator) -> None:
        emulator.fault(
            match=PATCH, action="error", status=409, code=900278, description="pending operation", times=None
        )
        outcome = path.set(emulator.find("nce"), friendly_name="n", options=Options(wait_timeout=20))
        assert "pending operation" in str(outcome.error)
        assert "900278" in str(outcome.error)
        assert 20 <= path.seconds < 26

    def test_a_pending_operation_is_asked_about_less_and_less(self, path: OnePath, emulator: Emulator) -> None:
        emulator.fault(match=PATCH, action="error", status=409, code=900278, times=None)
        outcome = path.set(emulator.find("nce"), friendly_name="n", options=Options(wait_interval=5, wait_timeout=300))
        assert outcome.error is not None
        assert path.seconds == pytest.approx(300)
        # 5, 7.5, 11.25, … seconds, at most a minute, and once more at the end.
        assert 8 <= len(emulator.writes()) <= 12


class TestAmbiguousWrites:
    @pytest.mark.parametrize(
        "rule",
        [
            {"action": "reset_before"},
            {"action": "status", "status": 503},
            {"action": "html"},
        ],
    )
    def test_an_unapplied_write_is_sent_again_with_the_same_id(
        self, path: OnePath, emulator: Emulator, rule: dict[str, t.Any]
    ) -> None:
        ids = emulator.find("nce")
        emulator.fault(match=PATCH, **rule)
        outcome = path.set(ids, quantity=200)
        assert outcome.error is None
        lost, made = emulator.writes()
        assert lost["request_id"] == made["request_id"]
        assert lost["correlation_id"] != made["correlation_id"]
        assert lost["body"] == made["body"]
        assert emulator.effective_writes() == 1

    @pytest.mark.parametrize(
        "rule",
        [
            {"action": "reset_after"},
            {"action": "apply_then_status", "status": 500},
            {"action": "apply_then_status", "status": 504},
        ],
    )
    def test_an_applied_write_is_not_sent_again(
        self, path: OnePath, emulator: Emulator, rule: dict[str, t.Any]
    ) -> None:
        ids = emulator.find("nce")
        emulator.fault(match=PATCH, **rule)
        outcome = path.set(ids, quantity=200)
        assert outcome.error is None
        assert outcome.changed
        assert list(result_of(outcome.changes)) == ["quantity"]
        assert len(emulator.writes()) == 1
        assert emulator.effective_writes() == 1
        assert outcome.request_id == emulator.writes()[0]["request_id"]

    def test_a_stored_error_is_overcome_with_a_new_id(self, path: OnePath, emulator: Emulator) -> None:
        emulator.fault(match=PATCH, action="error", status=500, code=800094, store=True)
        outcome = path.set(emulator.find("nce"), quantity=200)
        assert outcome.error is None
        first, replayed, anew = ids_of(emulator.writes())
        assert first == replayed != anew

    def test_a_request_id_refused_as_known_is_replaced(self, path: OnePath, emulator: Emulator) -> None:
        emulator.switch(request_id_reuse="conflict")
        emulator.fault(match=PATCH, action="error", status=500, code=800094, store=True)
        outcome = path.set(emulator.find("nce"), quantity=200)
        assert outcome.error is None
        assert emulator.effective_writes() == 1

    def test_a_rebuilt_body_gets_a_new_id(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        emulator.fault(match=PATCH, action="reset_before")
        emulator.hook(ids, on="GET", nth=3, quantity=99)
        outcome = path.set(ids, friendly_name="n")
        assert outcome.error is None
        lost, made = emulator.writes()
        assert lost["request_id"] != made["request_id"]
        assert json.loads(made["body"])["quantity"] == 99

    def test_an_ambiguous_write_ends_with_an_error_after_the_retries(self, path: OnePath, emulator: Emulator) -> None:
        emulator.fault(match=PATCH, action="reset_before", times=None)
        outcome = path.set(emulator.find("nce"), quantity=200, options=Options(retries=2))
        assert "not known" in str(outcome.error)
        assert len(emulator.writes()) == 3
        assert not outcome.changed

    @pytest.mark.parametrize("retries", [0, 1])
    def test_the_result_is_read_after_the_last_try(self, path: OnePath, emulator: Emulator, retries: int) -> None:
        if retries:
            emulator.fault(match=PATCH, action="reset_before", times=retries)
        emulator.fault(match=PATCH, action="reset_after")
        outcome = path.set(emulator.find("nce"), quantity=200, options=Options(retries=retries))
        assert outcome.error is None
        assert outcome.changed
        assert len(emulator.writes()) == retries + 1
        assert emulator.effective_writes() == 1

    def test_an_unreachable_server_leaves_the_result_unknown(self, path: OnePath, emulator: Emulator) -> None:
        path.client = path.connect(retries=0)
        emulator.fault(match=PATCH, action="reset_after")
        emulator.fault(match={"method": "GET", "path": "/v1/*"}, skip=2, action="status", status=503, times=None)
        outcome = path.set(emulator.find("nce"), quantity=200)
        assert "is not known" in str(outcome.error)
        assert "Run the task again" in str(outcome.error)


class TestThrottled:
    @pytest.mark.parametrize("form", ["seconds", "date"])
    def test_throttled_writes_are_sent_again_with_the_same_id(
        self, path: OnePath, emulator: Emulator, form: str
    ) -> None:
        emulator.switch(retry_after=form)
        emulator.fault(match=PATCH, action="throttle", seconds=1, times=2)
        outcome = path.set(emulator.find("nce"), quantity=200)
        assert outcome.error is None
        sent = emulator.writes()
        assert [one["status"] for one in sent] == [429, 429, 200]
        assert len(set(ids_of(sent))) == 1
        assert len({one["correlation_id"] for one in sent}) == 3


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "html"},
        {"action": "status", "status": 503},
        {"action": "empty"},
        {"action": "reset_before"},
        {"action": "truncate"},
    ],
)
def test_reads_are_repeated_after_a_bad_answer(path: OnePath, emulator: Emulator, rule: dict[str, t.Any]) -> None:
    emulator.fault(match={"method": "GET", "path": "/v1/*"}, **rule)
    assert path.set(emulator.find("nce"), friendly_name="n").error is None


def test_byte_order_marks_are_ignored(path: OnePath, emulator: Emulator) -> None:
    emulator.switch(bom="all")
    assert path.set(emulator.find("nce"), friendly_name="n").error is None


def test_a_token_that_expires_in_mid_run_is_renewed(path: OnePath, emulator: Emulator) -> None:
    ids = emulator.find("nce")
    assert path.set(ids, friendly_name="one").error is None
    emulator.control("POST", "tokens", {"expire": "access"})
    outcome = path.set(ids, friendly_name="two")
    assert outcome.error is None
    assert [one["status"] for one in emulator.requests()][3] == 401


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        ("nce", {"quantity": 1}, "800090"),
        ("suspended", {"friendly_name": "n"}, "800091"),
        ("nce", {"status": "deleted"}, "900117"),
    ],
)
def test_refusals_say_what_partner_center_said(
    path: OnePath, emulator: Emulator, kind: str, values: dict[str, t.Any], code: str
) -> None:
    ids = emulator.find(kind)
    emulator.store(ids, quantity=50, refundableQuantity=None, cancellationAllowedUntilDate=None)
    outcome = path.set(ids, **values)
    said = str(outcome.error)
    assert code in said
    assert emulator.writes()[0]["request_id"] in said
    assert not outcome.changed


def test_an_unknown_subscription_is_an_error(path: OnePath, emulator: Emulator) -> None:
    outcome = path.set((emulator.find("nce")[0], "00000000-0000-0000-0000-000000000000"), friendly_name="n")
    assert "20003" in str(outcome.error)
    assert outcome.resource is None
