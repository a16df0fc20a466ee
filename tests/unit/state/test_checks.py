# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user may write, field by field, and what is refused."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import InvalidInput
from ansible_collections.csp.partner_center.plugins.module_utils._state import checks, kinds

RENEWAL = "scheduled_next_term_instructions"


@pytest.mark.parametrize(
    ("values", "option", "said"),
    [
        ({"quantity": 0}, "quantity", "at least 1"),
        ({"quantity": True}, "quantity", "true"),
        ({"quantity": 2.0}, "quantity", "2.0"),
        ({"quantity": "2.5"}, "quantity", "whole number"),
        ({"quantity": "-1"}, "quantity", "whole number"),
        ({"friendly_name": {"customer_name": None}}, "friendly_name", "quotes"),
        ({"friendly_name": 42}, "friendly_name", "string"),
        ({"friendly_name": ["a"]}, "friendly_name", "string"),
        ({"friendly_name": "  "}, "friendly_name", "empty"),
        ({"friendly_name": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}, "friendly_name", "redacted"),
        ({"friendly_name": "Contoso ********"}, "friendly_name", "redacted"),
        ({"partner_id": 4391507}, "partner_id", "string"),
        ({"status": "cancelled"}, "status", "active, suspended, deleted"),
        ({"status": "Active"}, "status", "active, suspended, deleted"),
        ({"auto_renew_enabled": 1}, "auto_renew_enabled", "true or false"),
        ({RENEWAL: {}}, RENEWAL, "says nothing"),
        ({RENEWAL: {"quantity": None, "product": {"sku_id": None}}}, RENEWAL, "says nothing"),
        ({RENEWAL: {"quantity": True}}, f"{RENEWAL}.quantity", "whole number"),
        ({RENEWAL: {"quantiti": 5}}, f"{RENEWAL}.quantiti", "not known"),
        ({RENEWAL: {"product": {"sku_id": 1}}}, f"{RENEWAL}.product.sku_id", "string"),
        ({RENEWAL: {"product": "CFQ7TTC0LH18"}}, f"{RENEWAL}.product", "dictionary"),
        ({RENEWAL: {"quantity": 5}, f"clear_{RENEWAL}": True}, f"clear_{RENEWAL}", "contradicts"),
        ({RENEWAL: {"quantity": 5}, "auto_renew_enabled": False}, RENEWAL, "auto-renew"),
        ({"seats": 5}, "seats", "not known"),
    ],
)
def test_wrong_settings_are_refused_naming_the_option(values: dict[str, t.Any], option: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        kinds.SUBSCRIPTION.check_settings(values)
    assert refused.value.option == option
    assert said in str(refused.value)


#: What a service may trim or show in another way, so that it would be written again with every run.
UNTIDY = [
    "x\n",
    "\nx",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "a\x07b",
    "a\x7fb",
    "a\x85b",
    "a\u2028b",
    "\ud800",
    " x",
    "x ",
    "x\u00a0",
]
TEXTS: list[tuple[str, t.Callable[[str], dict[str, t.Any]], str]] = [
    ("subscription", lambda text: {"friendly_name": text}, "friendly_name"),
    ("subscription", lambda text: {"partner_id": text}, "partner_id"),
    ("subscription", lambda text: {"billing_cycle": text}, "billing_cycle"),
    ("subscription", lambda text: {RENEWAL: {"product": {"sku_id": text}}}, f"{RENEWAL}.product.sku_id"),
    ("subscription", lambda text: {RENEWAL: {"custom_term_end_date": text}}, f"{RENEWAL}.custom_term_end_date"),
    ("support_contact", lambda text: {"support_mpn_id": text}, "support_mpn_id"),
    ("support_contact", lambda text: {"name": text}, "name"),
    ("support_profile", lambda text: {"email": text}, "email"),
    ("support_profile", lambda text: {"telephone": text}, "telephone"),
    ("support_profile", lambda text: {"website": text}, "website"),
]


@pytest.mark.parametrize(("kind", "values", "option"), TEXTS)
@pytest.mark.parametrize("text", UNTIDY)
def test_texts_that_are_set_are_tidy_and_those_that_are_expected_are_as_they_are(
    text: str, kind: str, values: t.Callable[[str], dict[str, t.Any]], option: str
) -> None:
    with pytest.raises(InvalidInput, match=r"holds|white space") as refused:
        kinds.of(kind).check_settings(values(text))
    assert refused.value.option == option
    assert kinds.of(kind).check_expected(values(text)) == values(text)
    assert kinds.of(kind).check_settings(values(text), is_rollback=True) == values(text)


def test_text_in_any_script_is_tidy() -> None:
    for text in ("Contoso – Büro München", "株式会社", "\u200dfamily 👨\u200d👩\u200d👧", "a  b", "it's {fine}"):
        assert kinds.SUBSCRIPTION.check_settings({"friendly_name": text}) == {"friendly_name": text}


@pytest.mark.parametrize("value", [0, "0", 1, "12"])
def test_a_count_may_be_0(value: t.Any) -> None:
    assert checks.count("max_changes", value) == int(value)


@pytest.mark.parametrize("value", [-1, "-1", 0.0, 2.0, False, "", " ", None, [0]])
def test_what_is_no_count_is_refused(value: t.Any) -> None:
    with pytest.raises(InvalidInput, match="max_changes: must be a whole number of at least 0"):
        checks.count("max_changes", value)


def test_right_settings_come_back_in_the_order_of_the_fields_without_nulls() -> None:
    checked = kinds.SUBSCRIPTION.check_settings(
        {
            "auto_renew_enabled": "yes",
            "quantity": "25",
            "friendly_name": "Contoso",
            "status": None,
            "partner_id": None,
        },
    )
    assert list(checked.items()) == [("friendly_name", "Contoso"), ("quantity", 25), ("auto_renew_enabled", True)]


@pytest.mark.parametrize(("clear", "expected"), [(True, {RENEWAL: None}), (False, {}), (None, {})])
def test_clearing_is_wanting_none(clear: bool | None, expected: dict[str, t.Any]) -> None:
    assert kinds.SUBSCRIPTION.check_settings({f"clear_{RENEWAL}": clear}) == expected


def test_expected_values_may_be_null_and_may_be_a_status_that_nobody_can_ask_for() -> None:
    checked = kinds.SUBSCRIPTION.check_expected({"partner_id": None, "status": "expired", RENEWAL: None})
    assert checked == {"partner_id": None, "status": "expired", RENEWAL: None}
    with pytest.raises(InvalidInput, match=r"expect\.seats"):
        kinds.SUBSCRIPTION.check_expected({"seats": 1})
    with pytest.raises(InvalidInput, match=r"expect\.quantity"):
        kinds.SUBSCRIPTION.check_expected({"quantity": True})
    with pytest.raises(InvalidInput, match="dictionary"):
        kinds.SUBSCRIPTION.check_expected(["quantity"])


@pytest.mark.parametrize(
    "value", ["0c39d6d5", "", None, 5, "0c39d6d5-c70d-4c55-bc02-f620844f3fdg", {"customer_id": None}]
)
def test_ids_must_be_guids(value: object) -> None:
    with pytest.raises(InvalidInput, match="customer_id"):
        checks.guid("customer_id", value)


@pytest.mark.parametrize("value", ["two\nlines", "", "ä", "x" * 101, 42])
def test_what_cannot_travel_in_a_header(value: object) -> None:
    with pytest.raises(InvalidInput, match="change_reference"):
        checks.header_text("change_reference", value)


def test_long_values_are_cut_in_messages() -> None:
    with pytest.raises(InvalidInput) as refused:
        checks.guid("customer_id", "x" * 500)
    assert len(str(refused.value)) < 250
