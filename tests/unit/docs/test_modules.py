# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of plugins says what the code knows: fields, match keys, placeholders, results and errors."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
import re
import typing as t
from dataclasses import replace
from datetime import timezone
from pathlib import Path

import pytest
import yaml

from ansible_collections.csp.partner_center.plugins import module_utils
from ansible_collections.csp.partner_center.plugins.module_utils._api import errors, hints
from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput, Problem
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
from ansible_collections.csp.partner_center.plugins.module_utils._common.times import parse_time
from ansible_collections.csp.partner_center.plugins.module_utils._engine.fleet import FleetOutcome, FleetResult
from ansible_collections.csp.partner_center.plugins.module_utils._engine.planning.plans import (
    FleetPlan,
    ResourcePlan,
    Scope,
    SkippedSetting,
    SubscriptionPlan,
    plan_entries,
)
from ansible_collections.csp.partner_center.plugins.module_utils._engine.progress import Progress
from ansible_collections.csp.partner_center.plugins.module_utils._engine.reading.customers import Unavailable
from ansible_collections.csp.partner_center.plugins.module_utils._module.fleet import results
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields, guard, instructions, kinds
from ansible_collections.csp.partner_center.plugins.module_utils._state.end_of_term import effect
from ansible_collections.csp.partner_center.plugins.module_utils._state.field import Prediction
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import CONTACT, Item
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import (
    Change,
    Customer,
    Desired,
    Plan,
    Target,
)
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies import assign as policies_set
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies import match_keys, templates
from ansible_collections.csp.partner_center.plugins.module_utils._state.policies.merge import Skipped
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import plan_file

ROOT = Path(__file__).resolve().parents[3]
PLUGINS = "ansible_collections.csp.partner_center.plugins"
#: Those that sign in to Partner Center.
MODULES = sorted(
    {path.stem for path in (ROOT / "plugins" / "modules").glob("pc_*.py")}
    - {"pc_awx_object", "pc_check_variables", "pc_show"}
)
#: Modules whose errors can be about a change that was made, or was about to be made.
CHANGING = ("pc_fleet", "pc_subscription", "pc_support_contact", "pc_support_profile")
DOCUMENTED = [*(ROOT / "plugins" / "modules").glob("pc_*.py"), *(ROOT / "plugins" / "filter").glob("*.py")]
#: How the guide to errors writes the name of a kind of error.
KIND = re.compile(r"``([A-Z]\w+)``")


def documentation(kind: str, name: str, part: str = "DOCUMENTATION") -> t.Any:
    return yaml.safe_load(getattr(importlib.import_module(f"{PLUGINS}.{kind}.{name}"), part))


def options(name: str, kind: str = "modules") -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", documentation(kind, name)["options"])


def returned(name: str, kind: str = "modules") -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", documentation(kind, name, "RETURN"))


def sentences(described: t.Mapping[str, t.Any]) -> list[str]:
    text = described["description"]
    return text if isinstance(text, list) else [text]


def said(described: t.Mapping[str, t.Any]) -> str:
    return " ".join(sentences(described))


ITEM = options("pc_fleet")["subscriptions"]["suboptions"]
POLICY = options("pc_fleet")["policies"]["suboptions"]
ERRORS = {name: returned(name)["error"] for name in MODULES}


# What a user can say


@pytest.mark.parametrize(
    "described", [POLICY["match"], options("pc_subscription_info")["match"]], ids=["pc_fleet", "pc_subscription_info"]
)
def test_match_keys(described: dict[str, t.Any]) -> None:
    lines = [line for line in sentences(described) if re.match(r"[A-Z][a-z ]+: ", line)]
    found = {key: line.split()[0] for line in lines for key in re.findall(r"C\((\w+)\)", line)}
    assert {"min", "max"} <= found.keys()
    assert {key: kind for key, kind in found.items() if key not in ("min", "max")} == {
        key: kind_of(key) for key in match_keys.KEYS
    }


def kind_of(key: str) -> str:
    """How the documentation calls keys that take such values."""
    probes: list[tuple[str, t.Any]] = [
        ("Booleans:", True),
        ("Numbers:", 3),
        ("Numbers:", {"min": 3}),
        ("Shell", "a*"),
        ("Values:", "nce"),
        ("Values:", "lapse"),
        ("Ids:", "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"),
    ]
    return next(kind for kind, value in probes if takes(key, value))


def takes(key: str, value: t.Any) -> bool:
    try:
        match_keys.KEYS[key].test("match", key, value)
    except InvalidInput:
        return False
    return True


def test_match_keys_are_described_alike_everywhere() -> None:
    fleet, info = (
        [line for line in sentences(one) if re.match(r"[A-Z][a-z ]+: ", line)]
        for one in (POLICY["match"], options("pc_subscription_info")["match"])
    )
    assert fleet == info


def test_placeholders() -> None:
    assert set(re.findall(r"C\(\{(\w+)\}\)", said(POLICY["set"]))) == {*templates.PLACEHOLDERS}


def test_settings_of_items_and_policies() -> None:
    ids = {"customer_id", "subscription_id"}
    assert ITEM.keys() - ids - {"expect"} == {*policies_set.KNOWN}
    assert f"O(subscriptions[].{CONTACT})" in said(POLICY["set"])
    for described in (options("pc_subscription"), {**ITEM, "scheduled_changes": {}}):
        mine = described.keys() - ids - {"expect", "scheduled_changes", CONTACT}
        assert mine == {*kinds.SUBSCRIPTION.names, fields.CLEAR_RENEWAL}
    contact = {*kinds.SUPPORT_CONTACT.names, kinds.ALLOW_NEW_COMMERCE}
    assert ITEM[CONTACT]["suboptions"].keys() == contact
    assert options("pc_support_contact").keys() - ids - {"expect", "validate_reseller"} == contact
    assert options("pc_support_profile").keys() == {*kinds.SUPPORT_PROFILE.names}


def test_limits_of_the_guard() -> None:
    described = options("pc_fleet")["guard"]["suboptions"]
    assert described.keys() == {*guard.Guard.__dataclass_fields__}
    assert tuple(described["forbid_statuses"]["default"]) == guard.FORBIDDEN_STATUSES
    assert set(re.findall(r"V\((\w+)\)", said(described["forbid_fields"]))) < {*policies_set.KNOWN}


@pytest.mark.parametrize("described", [ITEM, options("pc_subscription")], ids=["pc_fleet", "pc_subscription"])
def test_renewal_instructions(described: dict[str, t.Any]) -> None:
    parts = described[fields.RENEWAL]["suboptions"]
    assert parts.keys() == {*instructions.INSTRUCTION_PARTS}
    assert parts["product"]["suboptions"].keys() == {*instructions.PRODUCT}


def test_the_same_options_have_the_same_texts() -> None:
    alone = options("pc_subscription")
    # What is expected of a fleet's item concerns the item, and not the task.
    shared = (ITEM.keys() & alone.keys()) - {"expect"}
    assert {"customer_id", "quantity", fields.RENEWAL, fields.END_OF_TERM} < shared
    described = in_a_task({name: ITEM[name] for name in shared})
    # A rollback is a fleet's, and lays back what can be no choice.
    in_rollbacks = described[fields.END_OF_TERM]["description"].pop()
    assert "rollback" in in_rollbacks
    described[fields.END_OF_TERM] |= {"type": "str", "choices": list(effect.CHOICES)}
    assert described == {name: alone[name] for name in shared}
    assert options("pc_fleet")["scheduled_changes"] == alone["scheduled_changes"]
    contact = options("pc_support_contact")
    assert ITEM[CONTACT]["suboptions"] == {name: contact[name] for name in ITEM[CONTACT]["suboptions"]}
    for name in ("pc_support_contact", "pc_support_contact_info"):
        assert {one: options(name)[one] for one in ("customer_id", "subscription_id")} == {
            one: alone[one] for one in ("customer_id", "subscription_id")
        }


def in_a_task(described: dict[str, t.Any]) -> t.Any:
    """Options of an item as a module's own."""
    return yaml.safe_load(yaml.safe_dump(described, width=10**6).replace("subscriptions[].", ""))


@pytest.mark.parametrize("name", ["max_concurrency", "on_unavailable"])
def test_options_of_fleets_begin_with_the_same_sentence(name: str) -> None:
    first = sentences(options("pc_fleet")[name])[0]
    assert sentences(options("pc_subscription_info")[name])[0] == first
    assert sentences(options("partner_center", "inventory")[name])[0] == first


# What a fleet's result holds


def subject(**more: t.Any) -> SubscriptionPlan:
    target = Target("subscription", "c", "s")
    plan = Plan(Desired(target, {"quantity": 2}), (Change(target, "quantity", 1, 2, **more),))
    return SubscriptionPlan(Item("c", "s"), parts=(ResourcePlan(plan, {}),))


def always(described: t.Mapping[str, t.Any]) -> set[str]:
    return {name for name, one in described["contains"].items() if one["returned"] == "always"}


def test_plan() -> None:
    more: dict[str, t.Any] = {
        "drops": {fields.RENEWAL: {"quantity": 3}},
        "received": {"effect": "renew"},
        "lays_back": {"x": 1},
        "at_renewal": {"term_end": "2027-03-01T23:59:59Z"},
        "predictions": (Prediction("p", ("800090",)),),
    }
    (least,), (most,) = plan_entries(subject()), plan_entries(subject(**more))
    described = returned("pc_fleet")["plan"]
    assert described["contains"].keys() == most.keys()
    assert always(described) == least.keys()
    assert all(one.keys() == least.keys() for one in described["sample"])


def test_outcomes() -> None:
    redactor = Redactor()
    least = results.shown_outcome(FleetOutcome(subject()), redactor)
    more: dict[str, t.Any] = {"pending": True, "warnings": ("w",), "not_started": ("n",), "attempted": False}
    most = results.shown_outcome(FleetOutcome(subject(), error=Problem("p"), **more), redactor)
    described = returned("pc_fleet")["outcomes"]
    assert described["contains"].keys() == most.keys()
    assert always(described) == least.keys()
    assert all(one.keys() == least.keys() for one in described["sample"])


def test_unplanned() -> None:
    skipped = SkippedSetting(subject(), Skipped("p", "quantity", "which it does not take"))
    fleet = FleetPlan((replace(subject(), error=Problem("p")),), skipped=(skipped,))
    failed, left_out = results.shown_unplanned(fleet, Redactor())
    described = returned("pc_fleet")["unplanned"]
    assert always(described) == described["contains"].keys() == failed.keys() == left_out.keys()
    assert all(one.keys() == left_out.keys() for one in described["sample"])


def test_summary() -> None:
    real = results.summary(Scope(), FleetResult(FleetPlan(), [], []), Progress())
    described = returned("pc_fleet")["summary"]
    types = {"int": int, "float": float, "list": list, "dict": dict}
    # Jinja reaches no key called items by its name after a dot, so that sanity wants none under contains.
    assert "C(items)" in said(described)
    assert always(described) == described["contains"].keys() == real.keys() - {"items"}
    assert described["sample"].keys() == real.keys()
    assert all(isinstance(real[name], types[one["type"]]) for name, one in described["contains"].items())


@pytest.mark.parametrize(("name", "contact"), [("pc_fleet", None), ("pc_subscription_info", "s")])
def test_unavailable(name: str, contact: str | None) -> None:
    real = Unavailable(Customer("c"), Problem("p"), contact).to_dict()
    described = returned(name)["unavailable"]
    assert always(described) == real.keys()
    assert all(one.keys() == real.keys() for one in described["sample"])


def test_digests_are_those_of_what_is_shown() -> None:
    fleet = returned("pc_fleet")
    assert fleet["digest"]["sample"] == plan_file.digest(fleet["plan"]["sample"])
    file = returned("plan_file", "filter")["_value"]["sample"]
    created = parse_time(file["created"])
    assert created is not None
    told = {name: file[name] for name in ("change_reference", "summary", "unplanned", "unavailable", "guard")}
    place = file["tenant_id"], file["api_url"]
    made = plan_file.plan_file(*place, created.astimezone(timezone.utc), fleet["plan"]["sample"], **told)
    assert file == made


def test_no_digest_is_that_of_nothing() -> None:
    nothing = plan_file.digest([])
    pages = [*(ROOT / "docs").rglob("*.rst"), *(ROOT / "roles").glob("*/README.md"), ROOT / "README.md", *DOCUMENTED]
    assert [path.name for path in pages if nothing in path.read_text()] == []


# What an error is


@functools.lru_cache
def ours() -> dict[str, type[Problem | errors.PartnerCenterError]]:
    """Every error that some code makes, by its name."""
    for found in pkgutil.walk_packages(module_utils.__path__, f"{module_utils.__name__}."):
        importlib.import_module(found.name)
    known = {Problem, errors.PartnerCenterError}
    while more := {sub for one in known for sub in one.__subclasses__() if sub.__module__.startswith(PLUGINS)} - known:
        known |= more
    made = {call.func.id for call in calls() if isinstance(call.func, ast.Name)}
    return {one.__name__: one for one in known if one.__name__ in made}


@functools.lru_cache
def calls() -> list[ast.Call]:
    files = [ast.parse(path.read_text()) for path in (ROOT / "plugins").rglob("*.py")]
    return [node for file in files for node in ast.walk(file) if isinstance(node, ast.Call)]


def with_everything(error: type[errors.PartnerCenterError]) -> errors.PartnerCenterError:
    """One that knows all that such an error can know."""
    parameters = dict(inspect.signature(error).parameters)
    if any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        parameters = {**inspect.signature(errors.RequestError).parameters, **parameters}
        parameters = {name: one for name, one in parameters.items() if name != "message"}
    values: dict[str, t.Any] = {"codes": ["x"], "status": 400, "retry_after": 1.0}
    named = [name for name, one in parameters.items() if one.kind is not one.VAR_KEYWORD]
    if error is errors.AmbiguousWrite:
        named.remove("hint")
    return error(**{name: values.get(name, "x") for name in named})


def keys(error: type[Problem | errors.PartnerCenterError]) -> set[str]:
    if issubclass(error, errors.PartnerCenterError):
        return {*with_everything(error).to_dict()}
    if error is InvalidInput:
        return {*InvalidInput("x", "x", "x").to_dict()}
    given = [call for call in calls() if isinstance(call.func, ast.Name) and call.func.id == error.__name__]
    details = {one.arg: "x" for call in given for one in call.keywords if one.arg is not None}
    return {*error("x", **{"hint": "x", **details}).to_dict()}


class Row(t.NamedTuple):
    """A row of a table of the guide to errors: what it is about, what that is, and the modules or the occasion."""

    name: str
    text: str
    where: str


@functools.lru_cache
def table(heading: str) -> tuple[Row, ...]:
    """The rows of the guide's first table with this heading, without the heading."""
    text = (ROOT / "docs" / "docsite" / "rst" / "guide_errors.rst").read_text()
    rows = [
        re.split(r"\n +- ", row)
        for row in text[text.index(f"   * - {heading}\n") :].split("\n\n")[0].split("\n   * - ")
    ]
    return tuple(Row(row[0].strip("`"), *row[1:]) for row in rows[1:])


def meets(row: Row, name: str) -> bool:
    """Whether the guide says that this module can fail so."""
    among = {
        "all": True,
        "those that send requests to Partner Center": name != "pc_consent",
        "those that change something": name in CHANGING,
        "none; only as ``cause``": False,
    }
    return among[row.where] if row.where in among else f"``{name}``" in row.where.split(", ")


def can_be_met(name: str) -> set[str]:
    """Which errors a module can fail with, as far as its kind tells; a lost write is only ever a cause."""
    every = ours()
    signing = {"InvalidInput", "Defect"} | {one for one in every if issubclass(every[one], errors.CredentialsError)}
    asking = {one for one in every if issubclass(every[one], errors.RequestError)} - {"AmbiguousWrite"}
    if name == "pc_consent":
        return signing
    if name == "pc_fleet":
        return {*every} - {"AmbiguousWrite"}
    of_reading = {"CustomersUnavailable", "Problem"}
    of_runs = {
        "GuardBreach",
        "ValuesUnmatched",
        "JournalError",
        "AmbiguousWrite",
        *of_reading,
    }
    changing = {*every} - of_runs if name in CHANGING else set()
    return signing | asking | changing | (of_reading if name == "pc_subscription_info" else set())


@pytest.mark.parametrize("name", MODULES)
def test_kinds_of_errors(name: str) -> None:
    assert {row.name for row in table("Type") if meets(row, name)} == can_be_met(name)


def test_a_cause_may_be_what_no_task_fails_with() -> None:
    assert sorted(row.name for row in table("Type")) == sorted(ours())


def test_keys_of_errors() -> None:
    rows = table("Key")
    assert len({row.name for row in rows}) == len(rows)
    assert {row.name for row in rows} == {key for one in ours().values() for key in keys(one)}
    assert {row.name for row in rows if row.where == "always"} == {"type", "message"}
    named = {one for row in rows for one in KIND.findall(f"{row.text} {row.where}")}
    assert named <= {*ours()} | {"AADSTS50076"}


def test_keys_of_one_kind_alone_are_said_to_be_of_it() -> None:
    """What only some kinds of errors hold, the guide says of these and of no other."""
    said = {row.name: set(KIND.findall(row.where)) for row in table("Key")}
    for key, named in said.items():
        holders = {name for name, one in ours().items() if key in keys(one)}
        assert not named or named == holders, key


@pytest.mark.parametrize("name", MODULES)
def test_errors_are_described_alike_everywhere_and_lead_to_the_guide(name: str) -> None:
    here = {key: value for key, value in ERRORS[name].items() if key != "sample"}
    assert here == {key: value for key, value in ERRORS["pc_fleet"].items() if key != "sample"}
    assert "ansible_collections.csp.partner_center.docsite.guide_errors" in said(here)


@pytest.mark.parametrize("name", MODULES)
def test_samples_of_errors_are_real(name: str) -> None:
    sample = ERRORS[name]["sample"]
    assert remade(sample).to_dict() == sample


def remade(sample: t.Mapping[str, t.Any]) -> Problem | errors.PartnerCenterError:
    """The error that knows what the sample shows, as our code makes it."""
    rest = {name: value for name, value in sample.items() if name not in ("type", "message", "hint")}
    if sample["type"] == "ApiError":
        return errors.ApiError(**rest)
    if sample["type"] == "AppUserRequired":
        return errors.AppUserRequired(sample["message"].partition(" needs App+User")[0])
    if sample["type"] == "CredentialsError":
        return errors.CredentialsError(
            sample["message"], hint=hints.entra_hint(sample["error"], sample.get("codes", [])), **rest
        )
    assert sample["type"] == "GuardBreach"
    plan = [
        {"customer_id": "c", "customer_name": "Contoso Ltd", "subscription_id": str(number), "field": "friendly_name"}
        for number in range(5)
    ]
    with pytest.raises(guard.GuardBreach) as caught:
        guard.check_plan(guard.Guard(max_changes=1), plan, len(plan))
    return caught.value
