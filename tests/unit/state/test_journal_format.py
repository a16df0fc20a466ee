# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal's lines: as they are on the disk, and as they are read back. Journals outlive releases."""

from __future__ import annotations

import typing as t
from datetime import date
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._common.problems import Refused
from ansible_collections.csp.partner_center.plugins.module_utils._state.records import journal_lines
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.journal_format import (
    End,
    Event,
    Intent,
    PendingRestore,
    Settled,
    Start,
    WriteOutcome,
    to_line,
)
from ansible_collections.csp.partner_center.plugins.module_utils._state.records.journal_lines import (
    Line,
    Malformed,
    numbered_lines,
    parse_line,
    readable_lines,
)

TIME = "2026-11-20T12:00:00Z"
PENDING = PendingRestore("a", TIME, "C", "S", "t", "https://api", {"next_charge_instructions": {"quantity": 1}})
#: Each event as the first release has written it.
ON_DISK: t.Final[list[tuple[Event, str]]] = [
    (
        Start("CHG1", "t", "https://api"),
        '"event": "start", "change_reference": "CHG1", "tenant_id": "t", "api_url": "https://api"}',
    ),
    (
        Start("CHG1", "t", "https://api", "run"),
        '"event": "start", "change_reference": "CHG1", "tenant_id": "t", "api_url": "https://api", "undoes": "run"}',
    ),
    (
        Intent("subscription", "C", "S", "change", {"friendly_name": "ä"}, {"friendly_name": None}, "r"),
        (
            '"event": "intent", "kind": "subscription", "customer_id": "C", "subscription_id": "S", "step": "change", '
            '"before": {"friendly_name": "\\u00e4"}, "after": {"friendly_name": null}, "request_id": "r", '
            '"change_reference": null}'
        ),
    ),
    (
        Intent("support_profile", None, None, "put", {}, {}, "r", "CHG1", ("next_charge_instructions",)),
        (
            '"event": "intent", "kind": "support_profile", "customer_id": null, "subscription_id": null, "step": '
            '"put", "before": {}, "after": {}, "request_id": "r", "change_reference": "CHG1", '
            '"restores": ["next_charge_instructions"]}'
        ),
    ),
    (
        WriteOutcome("r", "failed", "c", "said no"),
        '"event": "outcome", "request_id": "r", "result": "failed", "correlation_id": "c", "error": "said no"}',
    ),
    (
        Settled("C", "S", ("next_charge_instructions",)),
        '"event": "settled", "customer_id": "C", "subscription_id": "S", "names": ["next_charge_instructions"]}',
    ),
    (End({"changed": 1}), '"event": "end", "summary": {"changed": 1}}'),
    (
        End({}, (PENDING,)),
        (
            '"event": "end", "summary": {}, "owed": [{"run": "a", "time": "2026-11-20T12:00:00Z", "customer_id": "C", '
            '"subscription_id": "S", "tenant_id": "t", "api_url": "https://api", '
            '"schedules": {"next_charge_instructions": {"quantity": 1}}}]}'
        ),
    ),
]

values = st.dictionaries(st.text(max_size=4), st.none() | st.integers() | st.text(max_size=4), max_size=3)
names = st.lists(st.text(max_size=4), max_size=2).map(tuple)
maybe = st.none() | st.text(max_size=4)
pending = st.builds(
    PendingRestore, st.text(max_size=4), st.just(TIME), st.text(), st.text(max_size=4), maybe, maybe, values, values
)
events = st.one_of(
    st.builds(Start, maybe, maybe, maybe),
    st.builds(Intent, st.text(max_size=4), maybe, maybe, st.text(max_size=4), values, values, st.text(), maybe, names),
    st.builds(WriteOutcome, st.text(max_size=4), st.text(max_size=4), maybe, maybe, st.booleans()),
    st.builds(Settled, maybe, maybe, names),
    st.builds(End, values, st.lists(pending, max_size=2).map(tuple)),
)


@pytest.mark.parametrize(("event", "on_disk"), ON_DISK)
def test_each_event_is_written_and_read_as_in_the_first_release(event: Event, on_disk: str) -> None:
    text = f'{{"run": "x", "time": "{TIME}", {on_disk}'
    assert to_line("x", TIME, event) == text.encode() + b"\n"
    assert parse_line(text) == parse_line(text.encode() + b"\n") == Line("x", TIME, event)


@given(events)
def test_every_event_is_read_as_it_was_written(event: Event) -> None:
    text = to_line("x", TIME, event)
    assert text.count(b"\n") == 1
    assert list(readable_lines([text])) == [Line("x", TIME, event)]
    assert list(numbered_lines(text.decode())) == [(1, Line("x", TIME, event))]
    assert journal_lines.begins_journal(text)
    assert journal_lines.ends_run(text) is isinstance(event, End)


@given(events, st.data())
def test_a_torn_line_is_passed_over_at_the_end_of_its_run_only(event: Event, data: st.DataObject) -> None:
    whole = to_line("x", TIME, event).decode()
    torn = whole[: data.draw(st.integers(1, len(whole) - 2))]
    other = to_line("y", TIME, event).decode()
    for text, runs in ((whole + torn, ["x"]), (whole + torn + "\n" + other, ["x", "y"]), (torn + "\n" + other, ["y"])):
        assert [line.run for _number, line in numbered_lines(text)] == runs
        assert [line.run for line in readable_lines(text.encode().splitlines(keepends=True))] == runs
    with pytest.raises(Refused, match=r"^Line 2 of the journal is damaged: it is not JSON, and the run goes on"):
        list(numbered_lines(f"{whole}{torn}\n{whole}"))


def test_an_event_of_a_later_release_is_read_as_none() -> None:
    assert parse_line('{"run": "x", "time": "t", "event": "weather", "sun": true}') == Line("x", "t", None)


def test_a_key_of_a_later_release_is_passed_over() -> None:
    assert parse_line('{"run": "x", "time": "t", "event": "end", "mood": "good"}').event == End()


def test_values_that_json_does_not_know_are_written_as_objects_or_text() -> None:
    before = MappingProxyType({"a": MappingProxyType({"b": 1}), "c": date(2026, 11, 20)})
    line = parse_line(to_line("x", TIME, Intent("subscription", "C", "S", "change", before, {}, "r")))
    assert t.cast("Intent", line.event).before == {"a": {"b": 1}, "c": "2026-11-20"}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "7",
        "{}",
        '{"run": "x"}',
        '{"run": 1, "event": "end"}',
        '{"run": "x", "event": "intent", "kind": "subscription", "request_id": "r", "before": {}}',
        '{"run": "x", "event": "intent", "kind": "subscription", "before": {}, "after": {}}',
        '{"run": "x", "event": "intent", "kind": "s", "request_id": "r", "before": {}, "after": {}, "restores": "a"}',
        '{"run": "x", "event": "settled", "names": "a"}',
        '{"run": "x", "event": "end", "owed": [1]}',
        '{"run": "x", "event": "end", "owed": [{"run": "x"}]}',
    ],
)
def test_what_is_not_a_line_is_malformed(text: str) -> None:
    with pytest.raises(Malformed) as raised:
        parse_line(text)
    assert not raised.value.is_torn
    assert list(readable_lines([text.encode()])) == []
    assert not journal_lines.ends_run(text.encode())
    with pytest.raises(Refused, match="Line 1 of the journal is damaged"):
        list(numbered_lines(text))


def test_the_subscription_of_an_event_is_found_whatever_the_case_of_its_ids() -> None:
    intent = Intent("subscription", "AB", "CD", "change", {}, {}, "r")
    assert intent.key == Settled("ab", "cD", ()).key == ("ab", "cd")
