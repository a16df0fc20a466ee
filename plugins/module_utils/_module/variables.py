# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The variables of roles and playbooks: which there are, what each may hold, and which are misspelled."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible.module_utils.parsing.convert_bool import boolean

from .._common.problems import InvalidInput, Problem
from .._common.words import nearest
from .._state.guard import Guard

#: Reads a text as YAML or JSON; raises ValueError.
Parse = t.Callable[[str], t.Any]

#: An unknown extra variable that begins with one of these is an error.
PREFIXES: t.Final = ("contact_", "export_", "fleet_", "rename_", "renewal_", "report_")
#: Variables that begin so are read by one playbook, and are nobody's elsewhere.
_OF_ONE_PLAYBOOK: t.Final = ("awx_", "demo_")
#: Results that the playbooks hand on as stats; automation platforms give them to later jobs as extra variables.
STATS: t.Final = frozenset({"fleet_changes", "fleet_drifted", "fleet_result_data", "fleet_unplanned"})
#: Extra variables that AWX gives each of its jobs; the role awx has none of these names.
_OF_JOBS: t.Final = re.compile(
    r"awx_(job|user|schedule|workflow_job|parent_job|inventory|webhook)_(?!path$)\w+|awx_project_(revision|scm_branch)|awx_execution_node"
)
#: How alike a misspelled name has to be to the one that was meant.
_ALIKE: t.Final = 0.8


@dataclass(frozen=True, slots=True)
class VariableType:
    """
    What a variable may hold. ``structured``: a text is read as YAML or JSON. ``empty``: an empty text is a value.
    ``null``: null is the same as an empty text, since ansible-core from 2.19 on makes null of the empty texts of AWX.
    ``secret``: it is checked and never returned.
    """

    said: str
    types: tuple[type, ...]
    structured: bool = False
    empty: bool = False
    null: bool = False
    secret: bool = False


#: What a value is called; a boolean is a number, too.
_HELD: t.Final[t.Mapping[type, str]] = {
    dict: "a dictionary",
    list: "a list",
    bool: "a boolean",
    int: "a whole number",
    str: "a text",
}
_LIST: t.Final = VariableType("a list", (list, tuple), structured=True)
_MAPPING: t.Final = VariableType("a dictionary", (dict,), structured=True)
_SECRETS: t.Final = VariableType("a dictionary", (dict,), structured=True, secret=True)
_NUMBER: t.Final = VariableType("a whole number", (int,))
_BOOLEAN: t.Final = VariableType("true or false", (bool,))
_TEXT: t.Final = VariableType("a text", (str,))
_NUMBER_OR_ALL: t.Final = VariableType("a whole number or all", (int, str))
_TEXT_OR_NONE: t.Final = VariableType("a text", (str,), empty=True)
#: Nothing depends on it that could get lost with its value.
_TEXT_OR_NULL: t.Final = VariableType("a text", (str,), empty=True, null=True)

#: The variables that are checked. Null, or an empty text unless the kind allows it, is refused for each of them: a
#: restriction that got lost on its way must not become "everything".
VARIABLES: t.Final[t.Mapping[str, VariableType]] = {
    "awx_approval_timeout": _NUMBER,
    "awx_credential_inputs": _SECRETS,
    "awx_drift_rrule": _TEXT,
    "awx_execution_environment_image": _TEXT,
    "awx_execution_environment_pull": _TEXT,
    "awx_guard": _MAPPING,
    "awx_inventory_path": _TEXT,
    "awx_name": _TEXT,
    "awx_organization": _TEXT,
    "awx_policies": _LIST,
    "awx_project_branch": _TEXT_OR_NONE,
    "awx_project_playbooks": _TEXT,
    "awx_project_url": _TEXT,
    "awx_renewals_rrule": _TEXT,
    "awx_rotate_refresh_token": _BOOLEAN,
    "awx_rotation_rrule": _TEXT,
    "awx_slices": _NUMBER,
    "awx_state": _TEXT,
    "awx_state_dir": _TEXT,
    "awx_update_secrets": _BOOLEAN,
    "contact_match": _MAPPING,
    "contact_support_mpn_id": _TEXT,
    "demo_ansible_playbook": _TEXT,
    "demo_customers": _NUMBER,
    "demo_dir": _TEXT,
    "emulator_names": _LIST,
    "emulator_switches": _MAPPING,
    "export_delimiter": _TEXT,
    "export_match": _MAPPING,
    "export_path": _TEXT,
    "fleet_apply": _BOOLEAN,
    "fleet_approved_path": _TEXT,
    "fleet_change_reference": _TEXT_OR_NULL,
    "fleet_csv_path": _TEXT,
    "fleet_customers": _LIST,
    "fleet_guard": _MAPPING,
    "fleet_journal_path": _TEXT_OR_NONE,
    "fleet_max_concurrency": _NUMBER,
    "fleet_max_failures": _NUMBER,
    "fleet_drift_fails": _BOOLEAN,
    "fleet_on_error": _TEXT,
    "fleet_on_unavailable": _TEXT,
    "fleet_on_unmatched": _TEXT,
    "fleet_plan_data": _TEXT_OR_NULL,
    "fleet_plan_digest": _TEXT,
    "fleet_plan_max_age": _NUMBER,
    "fleet_plan_path": _TEXT_OR_NONE,
    "fleet_policies": _LIST,
    "fleet_report_dir": _TEXT_OR_NONE,
    "fleet_report_formats": _LIST,
    "fleet_requests_per_minute": _NUMBER,
    "fleet_rollback_journal_path": _TEXT,
    "fleet_rollback_plan_path": _TEXT,
    "fleet_rollback_run_id": _TEXT,
    "fleet_show_lines": _NUMBER_OR_ALL,
    "fleet_subscriptions": _LIST,
    "journal_path": _TEXT,
    "plan_path": _TEXT,
    "rename_match": _MAPPING,
    "rename_to": _TEXT,
    "renewal_auto_renew_enabled": _BOOLEAN,
    "renewal_end_of_term": _TEXT,
    "renewal_instructions": _MAPPING,
    "renewal_match": _MAPPING,
    "renewal_within_days": _NUMBER,
    "report_dir": _TEXT_OR_NONE,
    "report_formats": _LIST,
    "report_kind": _TEXT,
    "report_lines": _NUMBER_OR_ALL,
    "report_source": _TEXT,
    "report_title": _TEXT_OR_NONE,
    "run_id": _TEXT,
}

#: Variables whose keys are known here; modules check those of the others.
_KEYS: t.Final[t.Mapping[str, t.Collection[str]]] = {"fleet_guard": tuple(Guard.__dataclass_fields__)}


def unknown_names(names: t.Iterable[str], prefixes: t.Collection[str], *, alike_only: bool) -> list[Problem]:
    """
    What to say of the names that no role or playbook of the collection reads.

    A name that begins with one of the prefixes counts, or that resembles a known one which does so or has no prefix of
    ours. With ``alike_only``, it has to do both.
    """
    others = (*PREFIXES, *_OF_ONE_PLAYBOOK)
    known = [name for name in VARIABLES if name.startswith(tuple(prefixes)) or not name.startswith(others)]
    found = []
    for name in sorted(set(names) - VARIABLES.keys() - STATS):
        if _OF_JOBS.fullmatch(name):
            continue
        begins = name.startswith(tuple(prefixes))
        meant = nearest(name, known, _ALIKE)
        if (begins and meant) if alike_only else (begins or meant):
            found.append(Problem(f"csp.partner_center has no variable {name}.", _advice(name, meant, known)))
    return found


def mixed_up(uncounted: t.Mapping[str, t.Iterable[str]], names: t.Collection[str]) -> list[tuple[str, str]]:
    """
    Of the names, each that does not count beside another one, and what to say of the two. ``uncounted``: a variable,
    and those that do not count beside it.
    """
    return [
        (other, f"{name} and {other} are both set, and {other} does not count beside {name}.")
        for name, others in uncounted.items()
        if name in names
        for other in others
        if other in names
    ]


def _advice(name: str, meant: str | None, known: t.Iterable[str]) -> str | None:
    if meant:
        return f"Did you mean {meant}?"
    prefix = name.partition("_")[0] + "_"
    listed = [one for one in sorted(known) if one.startswith(prefix)]
    return f"Known are {', '.join(listed)}." if listed else None


def read_variable(name: str, value: t.Any, parse: Parse) -> t.Any:
    """The value of a variable, a text read where something else is meant; raises InvalidInput naming the variable."""
    kind = VARIABLES[name]
    if value is None and kind.null:
        return ""
    _refuse_null(name, value, empty=kind.empty)
    found: t.Any = _converted(name, value, kind, parse)
    if not isinstance(found, kind.types) or (isinstance(found, bool) and bool not in kind.types):
        raise InvalidInput(name, _wrong(kind, value, found))
    if name in _KEYS:
        _check_keys(name, t.cast("dict[str, t.Any]", found), _KEYS[name])
    return found


def _refuse_null(name: str, value: t.Any, *, empty: bool) -> None:
    # Ansible before 2.19 makes an empty text of a null in a template.
    if value is None or (isinstance(value, str) and not value.strip() and not empty):
        raise InvalidInput(
            name, "is null or empty, which is no value.", "Set it, or leave the variable out if it shall not apply."
        )


def _converted(name: str, value: t.Any, kind: VariableType, parse: Parse) -> t.Any:
    if kind.structured and isinstance(value, str):
        return _read_text(name, value, kind, parse)
    if kind.types == (bool,):
        return _read_boolean(value)
    if kind.types == (int,) and isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if kind.types == (str,) and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _read_text(name: str, text: str, kind: VariableType, parse: Parse) -> t.Any:
    try:
        found = parse(text)
    except ValueError as error:
        raise InvalidInput(name, f"must be {kind.said}; this text is not YAML: {error}") from error
    if found is None:
        raise InvalidInput(name, f"must be {kind.said}; this text holds nothing but comments.")
    return found


def _read_boolean(value: t.Any) -> t.Any:
    try:
        return boolean(value, strict=True)
    except TypeError:
        return value


def _wrong(kind: VariableType, value: t.Any, found: t.Any) -> str:
    held = next((said for type_, said in _HELD.items() if isinstance(found, type_)), type(found).__name__)
    if kind.structured and isinstance(value, str):
        return f"must be {kind.said}, or a text that holds one as YAML or JSON; this text holds {held}."
    return f"must be {kind.said}; it is {held}."


def _check_keys(name: str, value: t.Mapping[str, t.Any], known: t.Collection[str]) -> None:
    for key, one in value.items():
        if key not in known:
            meant = nearest(str(key), known, _ALIKE)
            advice = f"Did you mean {meant}?" if meant else f"Known are {', '.join(sorted(known))}."
            raise InvalidInput(f"{name}.{key}", "is not known.", advice)
        _refuse_null(f"{name}.{key}", one, empty=False)
