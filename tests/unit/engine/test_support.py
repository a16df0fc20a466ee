# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Support contacts and the support profile on the same path."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.reconcile import result_of

from ..emulators import Emulator
from .fleets import Fleet, item
from .one_path import OnePath

TREY: dict[str, str] = {
    "support_tenant_id": "3B33E682-00C3-41EE-9DD2-A548ADF56438",
    "support_mpn_id": "4391507",
    "name": "Trey Research",
}


def contact_of(emulator: Emulator, ids: tuple[str, str]) -> t.Any:
    return emulator.control("GET", "customers/{}/subscriptions/{}/supportcontact".format(*ids))


@pytest.fixture
def bare(emulator: Emulator) -> tuple[str, str]:
    """A subscription without a support contact."""
    return emulator.find("legacy")


@pytest.fixture
def served(emulator: Emulator, path: OnePath, bare: tuple[str, str]) -> tuple[str, str]:
    """A subscription with a support contact other than Trey Research."""
    other = next(one for one in path.client.indirect_resellers() if one["mpnId"] != TREY["support_mpn_id"])
    emulator.control(
        "PUT",
        "customers/{}/subscriptions/{}/supportcontact".format(*bare),
        {"supportTenantId": other["id"], "supportMpnId": other["mpnId"], "name": other["name"], "newField": [1.50]},
    )
    emulator.forget()
    return bare


@pytest.mark.parametrize("given", [["support_mpn_id"], ["support_tenant_id"], ["name"], list(TREY)])
def test_any_part_of_a_reseller_is_enough(
    path: OnePath, emulator: Emulator, served: tuple[str, str], given: list[str]
) -> None:
    before = path.client.support_contact(*served)
    emulator.forget()
    outcome = path.set(served, "support_contact", **{name: TREY[name] for name in given})
    assert outcome.error is None
    shown = result_of(outcome.changes)
    assert list(shown) == [*given, *(name for name in TREY if name not in given)]
    assert {name: one["after"] for name, one in shown.items()} == TREY
    assert shown["name"]["before"] == before["name"], "a person recognises a name, also where it was looked up"
    assert [one["method"] for one in emulator.requests()] == ["GET", "GET", "GET", "GET", "PUT"]
    body = json.loads(emulator.writes()[0]["body"])
    assert body == {
        **before,
        "supportTenantId": TREY["support_tenant_id"],
        "supportMpnId": "4391507",
        "name": TREY["name"],
    }
    emulator.forget()
    again = path.set(served, "support_contact", **{name: TREY[name] for name in given})
    assert (again.changed, again.error) == (False, None)
    assert [one["method"] for one in emulator.requests()] == ["GET"]


def test_a_guid_in_other_case_is_the_same(path: OnePath, emulator: Emulator, served: tuple[str, str]) -> None:
    path.set(served, "support_contact", support_mpn_id=TREY["support_mpn_id"])
    again = path.set(served, "support_contact", support_tenant_id=TREY["support_tenant_id"].lower())
    assert (again.changed, again.error) == (False, None)


@pytest.mark.parametrize("answer", ["404", "null", "nulls", "partner", "empty"])
def test_a_first_contact_looks_like_microsofts_example(
    path: OnePath, emulator: Emulator, bare: tuple[str, str], answer: str
) -> None:
    emulator.switch(support_contact_none=answer)
    foretold = path.set(bare, "support_contact", check_mode=True, support_mpn_id="4391507")
    assert (foretold.changed, foretold.error) == (True, None)
    assert emulator.writes() == []
    outcome = path.set(bare, "support_contact", support_mpn_id="4391507")
    assert (outcome.changed, outcome.error) == (True, None)
    assert result_of(foretold.changes) == result_of(outcome.changes)
    body = {key.lower(): value for key, value in json.loads(emulator.writes()[0]["body"]).items()}
    assert body["supporttenantid"] == TREY["support_tenant_id"]
    assert body["supportmpnid"] == "4391507"
    assert body["name"] == "Trey Research"
    assert "SupportContact" in body["attributes"].values()


def test_who_is_no_reseller_is_refused_before_anything_is_written(
    path: OnePath, emulator: Emulator, bare: tuple[str, str]
) -> None:
    stranger = {**TREY, "support_mpn_id": "1111111"}
    outcome = path.set(bare, "support_contact", **stranger)
    assert "None of the partner's" in str(outcome.error)
    assert "Trey Research" in str(outcome.error)
    assert emulator.writes() == []
    emulator.switch(support_contact_check="accept")
    assert path.set(bare, "support_contact", validate_reseller=False, **stranger).changed
    assert contact_of(emulator, bare)["supportMpnId"] == "1111111"


def test_an_ambiguous_name_lists_the_candidates(path: OnePath, emulator: Emulator, bare: tuple[str, str]) -> None:
    names = [one["name"] for one in path.client.indirect_resellers()]
    twice = next(name for name in names if names.count(name) == 2)
    outcome = path.set(bare, "support_contact", name=twice)
    assert str(outcome.error).count("support_tenant_id") >= 2
    assert emulator.writes() == []


def test_a_name_that_the_server_corrects_is_not_a_success(
    path: OnePath, emulator: Emulator, bare: tuple[str, str]
) -> None:
    emulator.switch(support_contact_check="overwrite_name")
    outcome = path.set(bare, "support_contact", validate_reseller=False, **{**TREY, "name": "Trey"})
    assert 'does not show the change: name is "Trey Research", asked was "Trey"' in str(outcome.error)


def test_expect_holds_a_contact_back(path: OnePath, emulator: Emulator, served: tuple[str, str]) -> None:
    outcome = path.set(served, "support_contact", expect={"support_mpn_id": None}, support_mpn_id="4391507")
    assert "not as expected" in str(outcome.error)
    assert emulator.writes() == []


@pytest.mark.parametrize("rule", [{"action": "reset_before"}, {"action": "reset_after"}])
def test_a_lost_put_is_one_change(
    path: OnePath, emulator: Emulator, bare: tuple[str, str], rule: dict[str, t.Any]
) -> None:
    emulator.fault(match={"method": "PUT"}, **rule)
    outcome = path.set(bare, "support_contact", support_mpn_id="4391507")
    assert outcome.error is None
    assert len({one["request_id"] for one in emulator.writes()}) == 1
    assert emulator.effective_writes() == 1


class TestProfile:
    def test_the_rest_is_kept(self, path: OnePath, emulator: Emulator) -> None:
        before = path.client.support_profile()
        emulator.forget()
        outcome = path.set(None, "support_profile", website="support.example.com", email=before["email"])
        assert outcome.error is None
        assert list(result_of(outcome.changes)) == ["website"]
        (write,) = emulator.writes()
        assert (write["method"], write["path"]) == ("PUT", "/v1/profiles/support")
        body = json.loads(write["body"])
        assert body == {**(before or {}), "website": "support.example.com"}
        assert body["profileType"] == "support_profile"
        assert body["attributes"]["objectType"] == "PartnerSupportProfile"
        emulator.forget()
        assert not path.set(None, "support_profile", website="support.example.com").changed
        assert [one["method"] for one in emulator.requests()] == ["GET"]

    @pytest.mark.parametrize("refusal", ["404", "405"])
    def test_the_documented_path_is_the_fallback(self, path: OnePath, emulator: Emulator, refusal: str) -> None:
        emulator.switch(support_profile_put="supportprofile", support_profile_refusal=refusal)
        outcome = path.set(None, "support_profile", telephone="+1 425 555 0100")
        assert outcome.error is None
        assert [one["path"] for one in emulator.writes()] == ["/v1/profiles/support", "/v1/profiles/supportprofile"]

    def test_check_mode_writes_nothing(self, path: OnePath, emulator: Emulator) -> None:
        outcome = path.set(None, "support_profile", check_mode=True, telephone="+1 425 555 0100")
        assert outcome.changed
        assert (outcome.resource or {})["telephone"] == "+1 425 555 0100"
        assert emulator.writes() == []


@pytest.mark.parametrize("kind", ["support_contact", "support_profile"])
def test_app_only_credentials_are_refused_before_anything_is_sent(
    path: OnePath, emulator: Emulator, bare: tuple[str, str], kind: t.Any
) -> None:
    path.client = path.connect(refresh_token=None)
    emulator.forget()
    values = {"support_mpn_id": "4391507"} if kind == "support_contact" else {"email": "a@example.com"}
    outcome = path.set(bare if kind == "support_contact" else None, kind, **values)
    assert "refresh_token" in str(outcome.error)
    assert emulator.control("GET", "requests") == []


class TestNewCommerce:
    """Microsoft keeps support contacts for legacy subscriptions only."""

    @pytest.mark.parametrize("rule", ["refused", "empty", "forbidden", "accepted"])
    def test_a_change_is_refused_before_anything_is_written(self, path: OnePath, emulator: Emulator, rule: str) -> None:
        emulator.switch(supportcontact_new_commerce=rule)
        outcome = path.set(emulator.find("nce"), "support_contact", support_mpn_id="4391507")
        assert not outcome.changed
        assert outcome.error is not None
        assert "403" in str(outcome.error) if rule == "forbidden" else "legacy subscriptions only" in str(outcome.error)
        assert emulator.writes() == []

    def test_a_contact_that_is_there_already_is_no_change(self, path: OnePath, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        emulator.switch(supportcontact_new_commerce="accepted")
        values = {"supportTenantId": TREY["support_tenant_id"], "supportMpnId": "4391507", "name": "Trey Research"}
        emulator.control("PUT", "customers/{}/subscriptions/{}/supportcontact".format(*ids), values)
        emulator.forget()
        outcome = path.set(ids, "support_contact", support_mpn_id="4391507")
        assert (outcome.changed, outcome.error) == (False, None)
        assert len(emulator.requests()) == 1

    def test_an_item_fails_unless_it_insists(self, many: Fleet, emulator: Emulator) -> None:
        emulator.switch(supportcontact_new_commerce="accepted")
        ids, contact = emulator.find("nce"), {"support_mpn_id": "4391507"}
        refused = many.run([item(ids, support_contact=contact)])
        assert "legacy subscriptions only" in refused.errors()[0]
        assert emulator.writes() == []
        done = many.run([item(ids, support_contact={**contact, "allow_new_commerce": True})])
        assert done.errors() == []
        assert contact_of(emulator, ids)["supportMpnId"] == "4391507"

    @pytest.mark.parametrize("left_out", [[], ["productType"]])
    def test_a_policy_skips_them_with_one_counted_warning(
        self, many: Fleet, emulator: Emulator, left_out: list[str]
    ) -> None:
        emulator.switch(list_omits=left_out)
        run = many.run(
            policies=[{"name": "c", "match": {"status": "active"}, "set": {"support_contact": {"name": TREY["name"]}}}]
        )
        changed = [(entry["customer_id"], entry["subscription_id"]) for entry in run.plan]
        assert changed
        assert not any(emulator.stored(ids).get("productType") for ids in changed)
        assert run.errors() == []
        (said,) = [warning for warning in run.warnings if "new commerce" in warning]
        assert "Policy 'c' sets support_contact, which subscriptions of new commerce do not have: skipped on" in said


@pytest.mark.parametrize("values", [{}, {"friendly_name": "new"}, {"support_contact": {"allow_new_commerce": True}}])
def test_a_contact_of_a_cancelled_subscription_is_foretold_to_be_refused(
    many: Fleet, path: OnePath, emulator: Emulator, bare: tuple[str, str], values: dict[str, t.Any]
) -> None:
    emulator.store(bare, status="deleted")
    contact = {"support_mpn_id": "4391507", **values.get("support_contact", {})}
    run = many.run([item(bare, **{**values, "support_contact": contact})], check_mode=True)
    entry = next(entry for entry in run.plan if entry["field"] == "support_contact")
    foretold = "The subscription is cancelled (deleted): Partner Center refuses every change to it (2011)."
    assert entry["warnings"] == [foretold]
    assert path.set(bare, "support_contact", check_mode=True, support_mpn_id="4391507").warnings == (foretold,)
    assert "2011" in many.run([item(bare, support_contact=contact)]).errors()[0]
