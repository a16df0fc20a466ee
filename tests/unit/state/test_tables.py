# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables: what is exported, filled in with whatever program, and read back."""

from __future__ import annotations

import base64
import csv
import io
import re
import typing as t
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Refused
from ansible_collections.csp.partner_center.plugins.module_utils._common.spreadsheet import FLAGS, from_cell, to_cell
from ansible_collections.csp.partner_center.plugins.module_utils._report.export import table_text, with_support_contacts
from ansible_collections.csp.partner_center.plugins.module_utils._state import fields, kinds
from ansible_collections.csp.partner_center.plugins.module_utils._state.items import parse_items
from ansible_collections.csp.partner_center.plugins.module_utils._state.tables import columns
from ansible_collections.csp.partner_center.plugins.module_utils._state.tables.cells import read_sheet
from ansible_collections.csp.partner_center.plugins.module_utils._state.tables.rows import read_items

from .samples import CUSTOMER, new_commerce
from .strategies import ODD, subscriptions, unhurried
from .table_samples import FILLED, FLEET, as_shown, filled_in, guid, items

#: Name -> content of the table in ``table_samples.py`` as LibreOffice has saved it.
with zipfile.ZipFile(Path(__file__).parent / "tables" / "saved_by_libreoffice.zip") as archive:
    SAVED = {Path(name).stem: archive.read(name) for name in archive.namelist()}
GUIDE = Path(__file__).parents[3] / "docs" / "docsite" / "rst" / "guide_tables.rst"
#: What a formula begins with, in ASCII and in the wide forms that some programs take as well.
FORMULA = "=+-@＝＋－＠"


def read(source: t.Any) -> list[dict[str, t.Any]]:
    return read_items(read_sheet(source))


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True))


def one_row(**cells: str) -> list[dict[str, t.Any]]:
    """The items of a table of the first subscription, with these cells filled in or changed."""
    return read(filled_in(FLEET[:1], {0: cells}))


def refused(source: t.Any) -> str:
    with pytest.raises(Refused) as caught:
        read(source)
    return str(caught.value)


def refused_cell(**cells: str) -> str:
    said = refused(filled_in(FLEET[:1], {0: cells}))
    assert said.startswith("Row 2, ")
    return said.removeprefix("Row 2, ")


# What is exported


def test_a_column_to_fill_in_stands_beside_each_setting() -> None:
    names = columns.COLUMN_NAMES
    assert names[:7] == (
        "customer_id",
        "customer_name",
        "subscription_id",
        "offer_name",
        "ends_at",
        "decide_by",
        "end_of_term_decided",
    )
    new = [name for name in names if name.startswith("new_")]
    assert len(set(names)) == len(names)
    for name in new:
        if name != "new_clear_scheduled_next_term_instructions":
            assert names[names.index(name) - 1] == name.removeprefix("new_")
    plain = [f"new_{one.name}" for one in kinds.SUBSCRIPTION.settings if not one.parts]
    assert [name for name in new if name in plain] == plain
    assert {"new_renewal_quantity", "new_renewal_sku_id", "new_renewal_custom_term_end_date"} < {*new}
    assert {"new_support_mpn_id", "new_support_tenant_id", "new_support_name"} < {*new}
    assert f"new_{fields.CLEAR_RENEWAL}" in new


def test_the_guide_names_all_columns_to_fill_in_and_no_others() -> None:
    named = {*re.findall(r"``(new_[a-z_]+)``", GUIDE.read_text())}
    assert named - {"new_", "new_quantiy"} == {name for name in columns.COLUMN_NAMES if name.startswith("new_")}


def test_an_export_shows_what_there_is_and_is_filled_in_nowhere() -> None:
    text = table_text(FLEET)
    assert text.startswith("\ufeffcustomer_id,customer_name,subscription_id,")
    found = rows(text)
    assert [row["customer_name"] for row in found] == sorted((row["customer_name"] for row in found), key=str.lower)
    assert {value for row in found for name, value in row.items() if name.startswith("new_")} == {""}
    first, *_others = found
    assert first["renewal_quantity"] == "60"
    assert (first["ends_at"], first["decide_by"], first["end_of_term_decided"]) == ("2027-01-13", "2027-01-12", "yes")
    assert (first["quantity"], first["auto_renew_enabled"], first["end_of_term"]) == ("10", "yes", "renew")
    by_name = {row["customer_name"]: row for row in found}
    assert by_name["Bellows, College"]["end_of_term_decided"] == "no"
    assert by_name["| a | b"]["end_of_term"] == "cancel"
    assert by_name["Contoso"]["support_mpn_id"] == "4847383"
    assert by_name["Datum"]["support_mpn_id"] == ""
    assert by_name["| a | b"]["support_mpn_id"] == "?"
    assert read(text) == []


def test_what_does_not_end_has_no_end_of_term() -> None:
    azure = as_shown(new_commerce(billingType="usage", autoRenewEnabled=False), "a")
    (row,) = rows(table_text([azure]))
    assert (row["end_of_term"], row["ends_at"]) == ("", "")


def test_what_a_list_does_not_tell_is_not_taken_for_nothing() -> None:
    (row,) = rows(table_text([as_shown(new_commerce(quantity=..., autoRenewEnabled=..., friendlyName=None), "a")]))
    assert (row["quantity"], row["auto_renew_enabled"], row["end_of_term"]) == ("?", "?", "?")
    assert (row["friendly_name"], row["renewal_quantity"]) == ("", "")
    lacking = as_shown(new_commerce(quantity=...), "a")
    ((item),) = read(filled_in([lacking], {0: {"new_quantity": "5", "new_friendly_name": "b"}}))
    assert item["expect"] == {"friendly_name": "nickname"}


def test_contacts_that_were_read_apart() -> None:
    contact = {"support_mpn_id": "4391507", "name": "Trey", "support_tenant_id": guid(9)}
    contacts = [{"id": guid(1), "support_contact": contact}, {"id": guid(2), "support_contact": None}]
    contacts.append({"id": guid(3), "support_contact": None})
    answer = {"subscriptions": contacts, "unavailable": [{"customer_id": CUSTOMER, "subscription_id": guid(3)}]}
    fleet = [as_shown(new_commerce(id=guid(number)), "a") for number in range(1, 5)]
    found = rows(table_text(with_support_contacts(fleet, answer)))
    assert [row["support_mpn_id"] for row in found] == ["4391507", "", "?", "?"]
    assert rows(table_text(with_support_contacts(fleet, {"skipped": True}))) == rows(table_text(fleet))


@settings(unhurried, max_examples=50)
@given(subscriptions, ODD, ODD)
def test_an_export_copes_with_whatever_the_service_answers(raw: dict[str, t.Any], name: t.Any, contact: t.Any) -> None:
    raw = {**raw, "friendlyName": name, "scheduledNextTermInstructions": contact, "quantity": contact}
    text = table_text([as_shown(raw, "a"), {**as_shown(raw, "b"), "support_contact": contact, "customer_name": name}])
    text.encode()
    assert len(rows(text)) == 2
    assert read(text.encode()) == []


# Safe against spreadsheet programs


@unhurried
@given(st.text("'\"=+-@,;\t\n\r 019.eT/ax＝?\ud800\0", max_size=9) | st.sampled_from(["'TRUE", "''wahr"]) | st.text())
def test_texts_come_back_and_are_no_formulas(text: str) -> None:
    cell = to_cell(text)
    assert not cell.lstrip().startswith(tuple(FORMULA))
    assert cell not in ("?", "\t", "\r")
    if not re.search("[\0\ud800-\udfff]", text):
        assert from_cell(cell) == text


@unhurried
@given(st.text(alphabet="=@x;,\t\"'\n", max_size=12), st.sampled_from(",;\t"), st.sampled_from(",;\t"))
def test_a_table_that_is_opened_with_another_separator_holds_no_formula(name: str, separator: str, other: str) -> None:
    text = table_text([as_shown(new_commerce(friendlyName=name), name)], separator).removeprefix("\ufeff")
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=other):
        assert not [cell for cell in row if cell.startswith(tuple(FORMULA))]


@pytest.mark.parametrize(
    "text", ["0001", "1.0", "1,0", "3/4", "12:30", "2027-03-01", "1e5", "5 €", "TRUE", "wahr", "?"]
)
def test_what_a_program_would_rewrite_is_kept(text: str) -> None:
    assert to_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Microsoft 365 E3", "4391507", "O'Neill", "'quoted'", "2027", "a-b, c", "CFQ7:0001"])
def test_other_texts_stay_as_people_know_them(text: str) -> None:
    assert to_cell(text) == text == from_cell(text)


# What comes back


@pytest.mark.parametrize("name", SAVED)
def test_files_that_libreoffice_has_saved(name: str) -> None:
    content = SAVED[name]
    sheet = read_sheet(content)
    assert read_items(sheet) == items()
    assert sheet.is_guessed == ("windows1252" in name)
    assert read({"content": base64.b64encode(content).decode(), "encoding": "base64"}) == items()
    parse_items("subscriptions", items())


DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t"),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "lineterminator": st.sampled_from(["\r\n", "\n", "\r"]),
    }
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])


@settings(unhurried, max_examples=50)
@given(DIALECTS, ENCODINGS, st.permutations(range(len(FLEET))))
def test_each_dialect_is_read_alike(dialect: dict[str, t.Any], encoding: str, order: list[int]) -> None:
    lines = {**dialect, "lineterminator": "\n"} if dialect["lineterminator"] == "\r" else dialect
    text = filled_in(FLEET, FILLED, **lines)
    first, *others = csv.reader(io.StringIO(text, newline=""), delimiter=dialect["delimiter"])
    again = io.StringIO(newline="")
    csv.writer(again, **dialect).writerows([first, *(others[place] for place in order)])
    found = read(again.getvalue().encode(encoding))
    assert sorted(found, key=lambda one: str(one["subscription_id"])) == items()


_words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=12)
_texts = (_words | st.sampled_from(["=1+1", "-5", "0001", "'x'", "TRUE", '"', "a;b,c"])).map(str.strip).filter(bool)
_texts = _texts.filter(lambda text: not re.match(r"#|Err:|[0-9][.,][0-9]+E|\*|VALUE_", text))
#: Item options -> what a person may ask for.
WANTED: dict[str, st.SearchStrategy[t.Any]] = {
    "friendly_name": _texts,
    "quantity": st.integers(1, 10**9 - 1),
    "auto_renew_enabled": st.booleans(),
    "status": st.sampled_from(fields.STATUSES),
    "billing_cycle": _texts,
    "partner_id": _texts,
    "scheduled_next_term_instructions": st.fixed_dictionaries(
        {"quantity": st.integers(1, 500)},
        optional={
            "product": st.fixed_dictionaries(
                {"sku_id": _texts.filter(lambda text: not text.isdecimal())}, optional={"promotion_id": _texts}
            ),
            "custom_term_end_date": st.dates().map(str),
        },
    ),
    "support_contact": st.fixed_dictionaries({"support_mpn_id": _texts}, optional={"name": _texts}),
    f"clear_{fields.RENEWAL}": st.just(True),
}


def cells_of(wanted: t.Mapping[str, t.Any]) -> dict[str, str]:
    """What a person types to ask for that."""
    cells: dict[str, t.Any] = {}
    for name, value in wanted.items():
        if isinstance(value, dict):
            prefix = "renewal" if name == fields.RENEWAL else "support"
            flat = {**value, **value.get("product", {})}
            cells |= {f"new_{prefix}_{key.removeprefix(f'{prefix}_')}": one for key, one in flat.items()}
        else:
            cells[f"new_{name}"] = value
    cells.pop("new_renewal_product", None)
    return {key: to_cell(value) if isinstance(value, str) else str(value) for key, value in cells.items()}


def compatible(wanted: dict[str, t.Any]) -> dict[str, t.Any]:
    if f"clear_{fields.RENEWAL}" in wanted or wanted.get("auto_renew_enabled") is False:
        wanted.pop(fields.RENEWAL, None)
    return wanted


@settings(unhurried, max_examples=50)
@given(subscriptions, st.fixed_dictionaries({}, optional=WANTED).map(compatible), ENCODINGS, DIALECTS)
def test_what_is_filled_in_is_what_is_asked(
    raw: dict[str, t.Any], wanted: dict[str, t.Any], encoding: str, dialect: dict[str, t.Any]
) -> None:
    quantity = raw.get("quantity")
    raw = {**raw, "id": guid(1), "quantity": quantity if isinstance(quantity, int) else 5}
    subscription = as_shown(raw, "a", support_contact=None)
    text = filled_in([subscription], {0: cells_of(wanted)}, **{**dialect, "lineterminator": "\r\n"})
    found = read(text.encode(encoding))
    asked = [{name: value for name, value in one.items() if name not in (*columns.IDS, "expect")} for one in found]
    assert asked == ([wanted] if wanted else [])
    settings = {name.removeprefix("clear_") for name in wanted}
    for one, item in zip(found, parse_items("subscriptions", found), strict=True):
        assert {*one["expect"]} <= settings
        # The exported values are just those that are there.
        assert all(kinds.SUBSCRIPTION.field(name).is_as_expected(raw, value) for name, value in item.expect.items()), (
            raw,
            item,
        )


def test_rows_and_columns_may_be_missing_that_nothing_is_filled_in_for() -> None:
    kept = ("subscription_id", "customer_id", "quantity", "new_quantity")
    row = rows(filled_in(FLEET[:1], {0: {"new_quantity": " 30 "}}))[0]
    text = "\n".join([" ; ".join(kept).upper(), ";".join(row[name] for name in kept), ";;;;;", "", "Total;;10;;"])
    ids = {"customer_id": CUSTOMER, "subscription_id": guid(1)}
    assert read(text) == [{**ids, "quantity": 30, "expect": {"quantity": 10}}]


@pytest.mark.parametrize("cell", ["25", " 25", "25.0", "25,00"])
def test_whole_numbers(cell: str) -> None:
    assert one_row(new_quantity=cell)[0]["quantity"] == 25


@pytest.mark.parametrize("cell", ["1.000", "1,000", "1 000", "1'000", "2,5", "1E+03", "0", "-5", "ten", "٣", "25.000"])
def test_numbers_that_are_not_or_can_mean_two_things(cell: str) -> None:
    said = refused_cell(new_quantity=cell)
    assert said.startswith("new_quantity: ")
    assert cell in said


def test_a_thousand_or_one() -> None:
    assert refused_cell(new_quantity="1.000") == (
        "new_quantity: must be a whole number in digits alone; 1.000 can mean 1 or 1000."
    )


def test_booleans_as_spreadsheet_programs_write_them() -> None:
    for word, value in FLAGS.items():
        assert one_row(new_auto_renew_enabled=word.upper())[0]["auto_renew_enabled"] is value
    for word in ("1", "0", "x", "ja"):
        assert refused_cell(new_auto_renew_enabled=word).startswith("new_auto_renew_enabled: must be true or false")


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        ("2027-09-01", "2027-09-01"),
        ("2027-09-01T00:00:00Z", "2027-09-01T00:00:00Z"),
        ("2027-09-01 00:00:00", "2027-09-01T00:00:00Z"),
        ("1.9.2027", "2027-09-01"),
        ("01.09.2027 00:00:00", "2027-09-01T00:00:00Z"),
    ],
)
def test_dates(cell: str, date: str) -> None:
    (item,) = one_row(new_renewal_custom_term_end_date=cell)
    assert item[fields.RENEWAL] == {"custom_term_end_date": date}


@pytest.mark.parametrize("cell", ["09/01/2027", "1.9.27", "31.02.2027", "46266", "September"])
def test_dates_that_can_mean_two_things(cell: str) -> None:
    said = refused_cell(new_renewal_custom_term_end_date=cell)
    assert said == f'new_renewal_custom_term_end_date: must be a date such as 2027-03-01, not "{cell}".'


def test_texts_follow_the_rules_for_texts() -> None:
    assert refused_cell(new_friendly_name=" x").startswith("new_friendly_name: begins or ends with white space")
    assert refused_cell(new_friendly_name="a\nb").startswith("new_friendly_name: holds a line break")
    assert refused_cell(new_friendly_name="  ").startswith("new_friendly_name: holds nothing but blanks.")
    assert refused_cell(new_friendly_name="********").startswith("new_friendly_name: is a redacted value")
    for cell in ("#REF!", "#N/A", "#NAME?", "#DIV/0!", "Err:502", "1.23456789012346E+017"):
        assert cell in refused_cell(new_friendly_name=cell)
    assert one_row(new_friendly_name="'=1+1")[0]["friendly_name"] == "=1+1"
    assert one_row(new_friendly_name="#1 in Köln")[0]["friendly_name"] == "#1 in Köln"


def test_zeros_that_a_program_has_taken_away() -> None:
    assert refused_cell(new_renewal_sku_id="2") == (
        "new_renewal_sku_id: is 2 and was 0001: are zeros missing at its beginning?"
    )
    assert one_row(new_renewal_sku_id="'0002")[0][fields.RENEWAL] == {"product": {"sku_id": "0002"}}


def test_only_yes_clears_the_instructions() -> None:
    clear = f"clear_{fields.RENEWAL}"
    assert one_row(**{f"new_{clear}": "no"}) == []
    assert one_row(**{f"new_{clear}": "yes"})[0][clear] is True
    said = refused_cell(**{f"new_{clear}": "yes", "new_renewal_quantity": "5"})
    assert said == f"new_{clear}: contradicts new_renewal_quantity. Fill in one of them."


def test_all_that_is_wrong_is_named_at_once_with_row_and_column() -> None:
    filled = {
        0: {"new_quantity": "2,5", "new_friendly_name": " x"},
        1: {"new_end_of_term": "renew", "new_auto_renew_enabled": "yes"},
        2: {"new_status": "Cancelled"},
        3: {"new_end_of_term": "cancel", "new_renewal_quantity": "5"},
        4: {"new_status": "Cancelled", "customer_id": "123"},
        5: {"subscription_id": FLEET[0]["id"].upper()},
    }
    text = filled_in(FLEET, filled).replace("new_partner_id", "new_partnerid", 1).replace("ends_at", "Remarks", 1)
    lines = text.splitlines()
    lines[6] += ",stray"
    assert refused("\n".join(lines)) == (
        "Row 1, remarks: is no column of these tables. Take it out: nothing in it would be read. "
        "Row 1, new_partnerid: is no column of these tables. Did you mean new_partner_id? "
        'Row 2, new_friendly_name: begins or ends with white space: " x". '
        'Row 2, new_quantity: must be a whole number of at least 1, not "2,5". '
        "Row 3, new_auto_renew_enabled: is part of what new_end_of_term sets: leave it out. "
        'Rows 4, 6, new_status: must be one of active, suspended, deleted, not "cancelled". '
        "Row 5, new_renewal_quantity: needs a renewal, and new_end_of_term asks for none. "
        'Row 6, customer_id: must be a GUID such as 0c39d6d5-c70d-4c55-bc02-f620844f3fd1, not "123". '
        'Row 7, column AS: holds "stray", and its first row is empty. '
        "Row 7, subscription_id: is the same as in row 2."
    )


def test_a_subscription_that_partner_center_has_listed_twice() -> None:
    twice = [FLEET[1], FLEET[1]]
    assert read(filled_in(twice, {})) == []
    said = "Row 3, subscription_id: is the same as in row 2."
    assert refused(filled_in(twice, {0: {"new_quantity": "5"}})) == said
    assert refused(filled_in(twice, {1: {"new_quantity": "5"}})) == said


def test_many_problems_are_counted() -> None:
    fleet = [as_shown(new_commerce(id=guid(number)), "a") for number in range(200)]
    alike = refused(filled_in(fleet, {row: {"new_quantity": "x"} for row in range(200)}))
    assert alike == (
        'Rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 190 more, new_quantity: must be a whole number of at least 1, not "x".'
    )
    each = refused(filled_in(fleet, {row: {"new_quantity": f"x{row}"} for row in range(200)}))
    assert each.count("Row ") == 50
    assert each.endswith("And 150 more.")


def test_an_exported_value_must_still_be_there() -> None:
    row = rows(filled_in(FLEET[:1], {0: {"new_quantity": "30"}}))[0]
    for gone, said in (
        ("quantity", "Row 2, new_quantity: needs the column quantity as it was exported."),
        ("customer_id", "The first row of the table does not hold customer_id and subscription_id"),
    ):
        names = [name for name in row if name != gone]
        text = io.StringIO(newline="")
        csv.writer(text).writerows([names, [row[name] for name in names]])
        assert refused(text.getvalue()).startswith(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The table is empty."),
        (b"\xef\xbb\xbf\r\n", "The table is empty."),
        (b"PK\x03\x04", "The table is a spreadsheet program's own file (xlsx or ods). Save it as CSV, best as UTF-8."),
        (b"\xd0\xcf\x11\xe0", "The table is a spreadsheet program's own file (xls)."),
        (b"a|b|c\n", "The first row of the table does not hold customer_id and subscription_id"),
        ("customer_id,subscription_id\n\ud800", "The table cannot be read as text."),
        (b"customer_id,subscription_id\n\x81\n", "The table is neither UTF-8 nor UTF-16 nor Windows-1252."),
        (b"\xff\xfea", "The table is damaged: it is not UTF-16 throughout"),
        (b'customer_id,subscription_id\n"a,b\n', "Row 2 of the table cannot be read: unexpected end of data."),
        (7, "This is no table."),
        ({"content": "a,b"}, "This is no table."),
    ],
)
def test_what_is_no_table(content: t.Any, said: str) -> None:
    assert refused(content).startswith(said)
