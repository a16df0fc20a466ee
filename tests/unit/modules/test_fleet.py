# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pc_fleet takes, and what it says of a fleet: the module in a process of its own, as Ansible runs it."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import utc_now
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import to_rollback

from ..emulators import Emulator
from ..engine.fleets import item
from ..forks import start_module
from .test_fleet_endings import run

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def emulator_arguments() -> tuple[str, ...]:
    return ("--customers", "8", "--seed", "7")


class TestTexts:
    def test_a_folded_text_is_refused_before_anything_is_sent(self, emulator: Emulator) -> None:
        told = run(emulator, subscriptions=[item(emulator.find("nce"), friendly_name="Contoso - Berlin\n")])
        assert "subscriptions[0].friendly_name: holds a line break" in told["msg"]
        assert emulator.control("GET", "requests") == []

    def test_what_placeholders_fill_in_is_trimmed_so_that_a_second_run_is_unchanged(self, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        emulator.store(ids, offerName="  Business Basic \n")
        policies = [
            {
                "name": "n",
                "match": {"subscription_id": ids[1], "customer_id": ids[0]},
                "set": {"friendly_name": "{offer_name}"},
            }
        ]
        assert run(emulator, policies=policies)["changed"]
        assert emulator.stored(ids)["friendlyName"] == "Business Basic"
        assert not run(emulator, policies=policies)["changed"]

    def test_only_a_rollback_lays_back_a_text_as_it_was(self, emulator: Emulator, tmp_path: Path) -> None:
        ids, journal = emulator.find("nce"), tmp_path / "journal.jsonl"
        emulator.store(ids, friendlyName=" old\nname ")
        assert run(emulator, subscriptions=[item(ids, friendly_name="new")], journal_path=str(journal))["changed"]
        items, left_out = to_rollback(journal.read_text(), utc_now())
        undone = json.loads(journal.read_text().splitlines()[0])["run"]
        assert left_out == []
        assert "holds a line break" in run(emulator, subscriptions=items)["msg"]
        assert run(emulator, subscriptions=items, undoes=undone, journal_path=str(journal))["changed"]
        assert emulator.stored(ids)["friendlyName"] == " old\nname "
        starts = [one for one in map(json.loads, journal.read_text().splitlines()) if one["event"] == "start"]
        assert [one.get("undoes") for one in starts] == [None, undone]


def warnings(told: dict[str, t.Any]) -> list[str]:
    """The warnings, as this release of Ansible hands them on: as texts, or with where they come from."""
    return [one if isinstance(one, str) else one["event"]["msg"] for one in told.get("warnings", [])]


def policy(match: dict[str, t.Any], exclude: dict[str, t.Any] | None = None, **settings: t.Any) -> dict[str, t.Any]:
    values = settings or {"friendly_name": "{offer_name} T"}
    return {"name": "n", "match": match, "set": values, **({} if exclude is None else {"exclude": exclude})}


class TestWhatPoliciesMet:
    def test_each_policy_is_counted_and_items_apart(self, emulator: Emulator) -> None:
        active = emulator.all("nce", "active")
        one = next(ids for ids in active if sum(other[0] == ids[0] for other in active) > 1)
        in_customer = [ids for ids in active if ids[0] == one[0]]
        usage = [ids for ids in active if emulator.stored(ids)["billingType"] == "usage"]
        everything = {"status": "active", "product_type": "nce"}
        told = run(
            emulator,
            policies=[
                {**policy(everything, {"customer_id": one[0]}), "name": "names"},
                {**policy(everything, quantity=4711), "name": "seats"},
                {**policy({"status": "expired", "is_trial": True, "quantity": {"min": 9999}}), "name": "none"},
            ],
            subscriptions=[item(one, friendly_name="mine"), item(in_customer[1], quantity=4711)],
            _ansible_check_mode=True,
        )
        names, seats, none = told["summary"]["policies"]
        assert (names["name"], names["excluded"]) == ("names", len(in_customer))
        changed = {(entry["subscription_id"], entry["policy"]) for entry in told["plan"]}
        assert names["changed"] == len([1 for _id, name in changed if name == "names"]) > 0
        assert seats["matched"] == names["matched"]
        assert (seats["excluded"], seats["skipped"]) == (0, len(usage) + len(emulator.all("extended_term")))
        assert none == {"name": "none", "matched": 0, "excluded": 0, "changed": 0, "skipped": 0}
        assert told["summary"]["items"] == {"given": 2, "changed": 2}

    def test_what_is_left_out_is_listed_with_the_reason(self, emulator: Emulator) -> None:
        def of(*tags: str) -> set[str]:
            return {ids[1] for ids in emulator.all(*tags)}

        own = emulator.find("no_auto_renew")
        told = run(
            emulator,
            policies=[
                {**policy({"product_type": "nce", "status": "active"}, quantity=4711), "name": "seats"},
                {**policy({"status": "active"}, support_contact={"support_mpn_id": "4391507"}), "name": "contacts"},
                {**policy({"is_trial": True}, end_of_term="cancel"), "name": "ends"},
                {**policy({"status": "active"}, {"is_trial": True}, auto_renew_enabled=False), "name": "off"},
            ],
            subscriptions=[item(own, friendly_name="mine", expect={"quantity": 4710})],
            _ansible_check_mode=True,
        )
        failed, *left_out = told["unplanned"]
        assert (failed["subscription_id"], failed["field"], failed["policy"]) == (own[1], None, None)
        assert "expected 4710" in failed["msg"]
        found: dict[tuple[str, str], set[str]] = {}
        for one in left_out:
            found.setdefault((one["policy"], one["field"]), set()).add(one["subscription_id"])
            assert one["customer_name"]
            assert one["msg"].startswith(f"Policy '{one['policy']}' sets {one['field']}, which ")
        assert found["seats", "quantity"] == of("azure_plan") | of("extended_term")
        assert found["contacts", "support_contact"] >= of("nce", "active")
        assert found["ends", "end_of_term"] == of("trial")
        renewing = [ids[1] for ids in emulator.all("nce", "active") if emulator.stored(ids)["autoRenewEnabled"]]
        ending = of("legacy") | of("no_auto_renew") | of("marketplace")
        assert {*renewing} - ending <= found["off", "auto_renew_enabled"]
        assert not found["off", "auto_renew_enabled"] & ending
        for one in told["summary"]["policies"]:
            own_ids = {ids for (name, _field), all_ids in found.items() if name == one["name"] for ids in all_ids}
            assert one["skipped"] == len(own_ids)

    def test_end_of_term_decisions_are_counted_and_each_change_says_what_is_foretold(self, emulator: Emulator) -> None:
        undecided, cancelled, old = (
            emulator.find(kind) for kind in ("no_auto_renew", "cancelled_at_end", "three_years")
        )
        told = run(
            emulator,
            subscriptions=[
                item(undecided, end_of_term="cancel", quantity=1, friendly_name="T"),
                item(cancelled, end_of_term="renew"),
                item(old, end_of_term="cancel"),
            ],
            _ansible_check_mode=True,
        )
        assert told["summary"]["end_of_term"] == {"renew": 1, "cancel": 2}
        said = {entry["field"]: entry["warnings"] for entry in told["plan"] if entry["subscription_id"] == undecided[1]}
        assert "800090" in said.pop("quantity")[0]
        assert list(said.values()) == [[], []]
        assert {entry["status"] for entry in told["plan"]} == {"active"}

    def test_an_excluded_customer_that_cannot_be_read_fails_nothing(self, emulator: Emulator) -> None:
        customer = emulator.find("nce")[0]
        path = f"*/{customer}/subscriptions"
        emulator.fault(match={"method": "GET", "path": path}, times=None, action="status", status=400)
        policies = [policy({"product_type": "nce"}, {"customer_id": customer})]
        told = run(emulator, policies=policies, on_unavailable="fail", _ansible_check_mode=True)
        assert (told.get("failed", False), told["unavailable"]) == (False, [])

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (
                {"policies": [policy({"status": "activ"})]},
                "policies[0].match.status: no subscription has status activ; did you mean active?",
            ),
            (
                {"policies": [policy({"customer_domain": "{wrong}"})]},
                "policies[0].match.customer_domain: no customer has customer_domain {wrong}; did you mean {right}?",
            ),
            (
                {"policies": [policy({"product_type": "nce"}, {"customer_name": "A [x] B"})]},
                "policies[0].exclude.customer_name: no customer has customer_name A [x] B.",
            ),
            (
                {"policies": [policy({"product_type": "nce"}, {"friendly_name": "no such name"})]},
                "policies[0].exclude.friendly_name: no subscription has friendly_name no such name.",
            ),
            (
                {
                    "policies": [policy({"product_type": "nce"})],
                    "guard": {"protected": ["11111111-2222-3333-4444-555555555555"]},
                },
                "guard.protected: no customer or subscription has the id 11111111-2222-3333-4444-555555555555.",
            ),
        ],
    )
    def test_what_nothing_in_the_fleet_has_is_named_with_the_nearest(
        self, emulator: Emulator, given: dict[str, t.Any], said: str
    ) -> None:
        right = emulator.control("GET", "fleet")["customers"][2]["domain"]
        names = {"wrong": f"{right[1:-4]}*", "right": right}
        given = json.loads(json.dumps(given).replace("{wrong}", names["wrong"]))
        said = said.replace("{wrong}", names["wrong"]).replace("{right}", names["right"])
        warned = run(emulator, **given, _ansible_check_mode=True)
        assert said in warnings(warned)
        failed = run(emulator, **given, on_unmatched="fail")
        assert (failed["failed"], said in failed["msg"], emulator.writes()) == (True, True, [])
        assert (failed["error"]["type"], failed["error"]["unmatched"]) == ("ValuesUnmatched", [said])
        assert failed["plan"] == warned["plan"]
        ignored = run(emulator, **given, on_unmatched="ignore", _ansible_check_mode=True)
        assert said not in str(ignored)

    @pytest.mark.parametrize(
        "given",
        [
            # Known, and there is none.
            {"policies": [policy({"status": "pending", "term_duration": "P3Y"}, {"billing_cycle": "triennial"})]},
            # Its own work takes the value away.
            {"policies": [policy({"friendly_name": "Ofice*"})]},
            # Not the whole fleet is read.
            {"policies": [policy({"customer_name": "?*", "status": "activ"})], "customers": []},
            {"policies": [policy({"customer_name": "Contoso*", "status": "activ"})]},
        ],
    )
    def test_what_may_be_missing_is_not_named(self, emulator: Emulator, given: dict[str, t.Any]) -> None:
        told = run(emulator, **given, on_unmatched="fail", _ansible_check_mode=True)
        assert (told.get("failed", False), warnings(told)) == (False, [])


class TestExceptions:
    def test_a_name_with_brackets_is_excluded_as_it_is_written(self, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        emulator.store(ids, friendlyName="A [x] B")
        policies = [policy({"customer_id": ids[0]}, {"friendly_name": "A [x] B"})]
        told = run(emulator, policies=policies)
        assert ids[1].lower() not in {one["subscription_id"].lower() for one in told["plan"]}
        assert emulator.stored(ids)["friendlyName"] == "A [x] B"


class TestNames:
    @pytest.mark.parametrize("count", [1, 4])
    def test_items_that_change_name_their_customers(self, emulator: Emulator, count: int) -> None:
        ids = emulator.all("nce", "active")[:count]
        names = {one["id"]: one["name"] for one in emulator.control("GET", "fleet")["customers"]}
        told = run(emulator, subscriptions=[item(one, friendly_name="new") for one in ids])
        assert [one["customer_name"] for one in told["plan"]] == [names[one[0]] for one in ids]
        emulator.forget()
        assert not run(emulator, subscriptions=[item(one, friendly_name="new") for one in ids])["changed"]
        asked = [one["path"] for one in emulator.requests()]
        assert all("/subscriptions" in path for path in asked), "names are only looked up for what changes"

    def test_a_name_that_cannot_be_read_fails_nothing(self, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        emulator.fault(match={"path": f"/v1/customers/{ids[0]}"}, times=None, action="error", status=403, code=20002)
        told = run(emulator, subscriptions=[item(ids, friendly_name="new")])
        assert (told["changed"], told.get("failed", False)) == (True, False)
        assert [one["customer_name"] for one in told["plan"]] == [None]


class TestOddLists:
    def test_one_that_is_listed_twice_counts_once_and_is_read_by_its_id(self, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        stored = emulator.stored(ids)
        twice = {"items": [{**stored, "friendlyName": "stale"}, stored]}
        emulator.fault(match={"path": f"*/{ids[0]}/subscriptions"}, times=None, action="body", body=twice)
        emulator.store(ids, friendlyName="Business Basic")
        policies = [policy({"customer_id": ids[0]}, friendly_name="Business Basic")]
        told = run(emulator, policies=policies)
        assert (told["changed"], told["summary"]["subscriptions"]) == (False, 1)
        assert any("lists 1 subscription more than once" in one and ids[1] in one for one in warnings(told))

    def test_those_without_an_id_fail_and_are_counted(self, emulator: Emulator) -> None:
        ids = emulator.find("nce")
        body = {"items": [{"friendlyName": "a"}, {"friendlyName": "b"}, emulator.stored(ids)]}
        emulator.fault(match={"path": f"*/{ids[0]}/subscriptions"}, times=None, action="body", body=body)
        told = run(emulator, policies=[policy({"customer_id": ids[0]}, friendly_name="x")])
        assert (told["summary"]["failed"], told["summary"]["changed"], told["summary"]["subscriptions"]) == (2, 1, 3)
        assert "without an id" in told["msg"]


class TestCredentialsInTheData:
    @pytest.mark.parametrize("option", ["client_secret", "client_certificate_passphrase"])
    def test_one_that_is_also_a_name_is_said_at_planning(self, emulator: Emulator, option: str) -> None:
        ids, secret = emulator.find("nce"), emulator.facts[option]
        emulator.store(ids, friendlyName=f"{secret} Ltd")
        given = {option: secret}
        if option == "client_certificate_passphrase":
            given |= {"client_secret": None, "client_certificate_path": emulator.facts["client_certificate_path"]}
        told = run(emulator, subscriptions=[item(ids, friendly_name="new")], **given, _ansible_check_mode=True)
        (said,) = [one for one in warnings(told) if "occurs in the data" in one]
        assert said.startswith(f"The value of {option} occurs in the data of the fleet (before).")
        assert "********" in said
        assert "another" in said
        assert secret not in json.dumps(told)
        assert told["plan"][0]["before"] == "******** Ltd"
        assert not [one for one in warnings(run(emulator, subscriptions=[], **given)) if "occurs" in one]

    def test_every_other_module_says_so_of_what_it_shows(self, emulator: Emulator) -> None:
        nce, legacy, secret = emulator.find("nce"), emulator.find("legacy"), emulator.facts["client_secret"]
        (reseller, *_others) = emulator.facts["resellers"]
        emulator.store(nce, friendlyName=f"{secret} Ltd")
        contact = {"supportTenantId": reseller["id"], "supportMpnId": reseller["mpnId"], "name": secret}
        emulator.control("PUT", "customers/{}/subscriptions/{}/supportcontact".format(*legacy), contact)
        emulator.control("PUT", "profiles/support", {"email": "a@example.com", "website": f"{secret}.example"})
        one, other = item(nce), item(legacy)
        another = emulator.facts["resellers"][1]["mpnId"]
        tasks: list[tuple[str, dict[str, t.Any], str]] = [
            ("pc_subscription", {**one, "friendly_name": "new"}, "before"),
            ("pc_subscription", {**one, "quantity": 7}, "friendly_name"),
            ("pc_support_contact", {**other, "support_mpn_id": another}, "before"),
            ("pc_support_profile", {"telephone": "4711"}, "website"),
            ("pc_subscription_info", {"customer_id": nce[0]}, "friendly_name"),
            ("pc_support_contact_info", other, "name"),
            ("pc_support_profile_info", {}, "website"),
        ]
        for name, options, place in tasks:
            given = {**emulator.connection, **options, "_ansible_check_mode": True}
            told = json.loads(start_module(name, given).communicate()[0])
            assert not told.get("failed"), (name, told)
            said = [one for one in warnings(told) if "occurs in the data" in one]
            assert len(said) == 1, (name, told)
            assert said[0].startswith(f"The value of client_secret occurs in the data of the fleet ({place})."), name
            assert secret not in json.dumps(told)
        emulator.control("PUT", "profiles/support", {"email": "a@example.com"})
        told = json.loads(start_module("pc_support_profile_info", emulator.connection).communicate()[0])
        assert warnings(told) == []


class TestA21VianetCloud:
    """It has no extended service terms: a licence whose auto-renew is off ends, and nothing is left to decide."""

    @pytest.fixture
    def china(self, emulator: Emulator) -> dict[str, t.Any]:
        emulator.switch(est_available=False)
        return {"cloud": "china_21vianet"}

    def test_auto_renew_off_ends_a_licence(self, emulator: Emulator, china: dict[str, t.Any], tmp_path: Path) -> None:
        ids, journal = emulator.find("nce"), tmp_path / "journal"
        off = {"subscriptions": [item(ids, auto_renew_enabled=False, expect={"end_of_term": "renew"})]}
        assert "paid extended service term" in run(emulator, **off)["msg"]
        done = run(emulator, **off, **china)
        assert (done.get("failed", False), done["changed"]) == (False, True)
        matched = run(
            emulator,
            policies=[
                {**policy({"end_of_term_decided": False}, end_of_term="cancel"), "name": "undecided"},
                {
                    **policy({"end_of_term": "lapse", "subscription_id": ids[1]}, end_of_term="cancel"),
                    "name": "lapsing",
                },
                {**policy({"end_of_term": "extended_service_term"}), "name": "extended"},
            ],
            customers=[ids[0]],
            journal_path=str(journal),
            **china,
        )
        assert [one["matched"] for one in matched["summary"]["policies"]] == [0, 1, 0]
        (change,) = matched["plan"]
        assert (change["before"], change["after"], change["received"]["effect"]) == ("lapse", "cancel", "lapse")
        (intent,) = [one for one in map(json.loads, journal.read_text().splitlines()) if one["event"] == "intent"]
        assert intent["before"]["end_of_term"]["effect"] == "lapse"
        items, left_out = to_rollback(journal.read_text(), utc_now())
        undone = run(emulator, subscriptions=items, undoes=intent["run"], **china)
        assert (left_out, undone.get("failed", False), undone["plan"][0]["after"]) == ([], False, "lapse")
        assert undone.get("warnings", []) == []

    def test_what_is_expected_is_what_happens_there(self, emulator: Emulator, china: dict[str, t.Any]) -> None:
        ids = emulator.find("nce")
        emulator.store(ids, autoRenewEnabled=False)
        for end, found in (("lapse", None), ("extended_service_term", 'end_of_term is "lapse"')):
            told = run(
                emulator, subscriptions=[item(ids, friendly_name=f"n {end}", expect={"end_of_term": end})], **china
            )
            assert told.get("failed", False) is (found is not None)
            assert found is None or found in told["msg"]


def test_a_first_contact_that_replaces_the_partner_itself_cannot_be_undone(emulator: Emulator, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    bare, served = (
        next(ids for ids in emulator.all("legacy", "active") if has_contact(emulator, ids) is has)
        for has in (False, True)
    )
    trey = {"support_mpn_id": "4391507"}
    told = run(
        emulator, subscriptions=[item(ids, support_contact=trey) for ids in (bare, served)], journal_path=str(journal)
    )
    first, second = told["plan"]
    assert first["before"]["support_tenant_id"].lower() == told["tenant_id"]
    assert (first["reversible"], second["reversible"]) == ("no", "yes")
    assert "the partner itself" in first["reason"]
    for source in (told["plan"], journal.read_text()):
        items, left_out = to_rollback(source, utc_now())
        assert [one["subscription_id"].lower() for one in items] == [served[1].lower()]
        assert ["the partner itself" in str(note) for note in left_out] == [True]


def has_contact(emulator: Emulator, ids: tuple[str, str]) -> bool:
    listed = emulator.control("GET", "fleet", kind="legacy")["customers"]
    return any(one["id"] == ids[1] and one["has_contact"] for customer in listed for one in customer["subscriptions"])
