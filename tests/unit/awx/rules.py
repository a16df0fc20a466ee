# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
What AWX accepts as credential type, credential, survey and rule of a schedule, as its documentation and its API say.
"""

from __future__ import annotations

import re
import typing as t

from jinja2 import StrictUndefined, sandbox

#: Of a field of a credential type.
_FIELD: t.Final[dict[str, type | tuple[type, ...]]] = {
    "id": str,
    "label": str,
    "type": str,
    "help_text": str,
    "format": str,
    "choices": list,
    "multiline": bool,
    "secret": bool,
    "ask_at_runtime": bool,
    "default": (str, bool),
}
_NOT_OURS: t.Final = frozenset(
    ("VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "AWX_HOST", "PROJECT_REVISION")
)
#: Question types, and what an answer is.
_ANSWER: t.Final[dict[str, type | tuple[type, ...]]] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": (float, int),
}


class Refusal(Exception):
    """AWX answers with this, and nothing has changed."""

    def __init__(self, content: dict[str, t.Any], status: int = 400) -> None:
        super().__init__(content)
        self.content = content
        self.status = status


def check_credential_type(given: t.Mapping[str, t.Any]) -> None:
    """Raises Refusal."""
    inputs, injectors = given["inputs"], given["injectors"]
    _require(given["kind"] in ("cloud", "net"), kind="must be cloud or net for a custom type")
    _require(inputs.keys() <= {"fields", "required"}, inputs="has other keys than fields and required")
    ids = [one["id"] for one in inputs["fields"]]
    _require(len(ids) == len(set(ids)), inputs="field IDs must be unique")
    _require(set(inputs.get("required", [])) <= set(ids), inputs="requires a field that it does not have")
    for one in inputs["fields"]:
        _require({"id", "label"} <= one.keys() <= _FIELD.keys(), inputs=f"{one} has not the keys of a field")
        _require(all(isinstance(one[key], _FIELD[key]) for key in one), inputs=f"{one} has a value of a wrong type")
        _require(re.fullmatch(r"[a-zA-Z_]\w*", one["id"]) and one["id"] != "tower", inputs=f"{one['id']} is no name")
        kind = one.get("type", "string")
        _require(kind in ("string", "boolean"), inputs=f"{kind} is no type")
        only_texts = {"choices", "multiline", "format", "secret"} & one.keys()
        _require(kind == "string" or not only_texts, inputs=f"{only_texts} not allowed for {kind}")
    _require(
        injectors.keys() <= {"file", "env", "extra_vars"}, injectors="has other keys than file, env and extra_vars"
    )
    for name, text in injectors.get("env", {}).items():
        _require(
            re.fullmatch(r"[a-zA-Z_]\w*", name) and isinstance(text, str) and text.isascii(),
            injectors=f"{name} is no variable",
        )
        _require(not name.startswith("ANSIBLE_") and name not in _NOT_OURS, injectors=f"{name} is not allowed")
    files = injectors.get("file", {})
    _require(all(re.fullmatch(r"template(\.[a-zA-Z_]\w*)?", name) for name in files), injectors="wrong name of a file")
    _require("template" not in files or len(files) == 1, injectors="must use multi-file syntax")
    rendered(given, dict.fromkeys(ids, "EXAMPLE"), strict=True)


def rendered(
    given: t.Mapping[str, t.Any], inputs: t.Mapping[str, t.Any], *, strict: bool = False, folder: str = "/runner/env"
) -> tuple[dict[str, str], dict[str, str]]:
    """The environment and the files that a job gets of a credential with these inputs. AWX leaves out what is empty."""
    options: dict[str, t.Any] = {"undefined": StrictUndefined} if strict else {}
    environment = sandbox.ImmutableSandboxedEnvironment(**options)
    values = {name: value for name, value in inputs.items() if value not in ("", None)}
    injectors = given["injectors"]
    files = {
        f"{folder}/{name.partition('.')[2]}": environment.from_string(text).render(values)
        for name, text in injectors.get("file", {}).items()
    }
    tower = {
        "filename": {name.partition(".")[2]: f"{folder}/{name.partition('.')[2]}" for name in injectors.get("file", {})}
    }
    variables = {
        name: environment.from_string(text).render({**values, "tower": tower})
        for name, text in injectors.get("env", {}).items()
    }
    return variables, files


def check_credential(inputs: t.Mapping[str, t.Any], described: t.Mapping[str, t.Any]) -> None:
    """Raises Refusal."""
    fields = {one["id"]: one for one in described["fields"]}
    _require(inputs.keys() <= fields.keys(), inputs=f"additional properties: {sorted(inputs.keys() - fields.keys())}")
    _require(all(inputs.get(name) for name in described.get("required", [])), inputs="a required field is missing")
    for name, value in inputs.items():
        expected = bool if fields[name].get("type") == "boolean" else str
        _require(isinstance(value, expected), inputs=f"{name} must be {expected.__name__}")
        _require(
            "choices" not in fields[name] or value in fields[name]["choices"], inputs=f"{value} is no choice of {name}"
        )


def check_survey(given: t.Mapping[str, t.Any]) -> None:
    """Raises Refusal."""
    _require(
        {"name": str, "description": str, "spec": list} == {name: type(one) for name, one in given.items()},
        error="no survey",
    )
    _require(given["spec"], error="'spec' doesn't contain any items")
    names = [one["variable"] for one in given["spec"]]
    _require(len(names) == len(set(names)), error="'variable' duplicated")
    for one in given["spec"]:
        for name, kind in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
            _require(isinstance(one.get(name), kind), error=f"'{name}' of {one} must be {kind.__name__}")
        _require(one["type"] in _ANSWER, error=f"{one['type']} is no type of question")
        default = one.get("default", "")
        _require(
            default == "" or isinstance(default, _ANSWER[one["type"]]), error=f"wrong default of {one['variable']}"
        )
        _require(
            all(isinstance(one.get(name, 0), int) for name in ("min", "max")), error=f"wrong limit of {one['variable']}"
        )
        if one["type"] in ("multiplechoice", "multiselect"):
            _require("choices" in one, error=f"{one['variable']} must specify choices")
            _require(default in ("", *one["choices"]), error=f"the default of {one['variable']} is no choice")
        if default != "":
            check_answer(one, default)


def check_answer(question: t.Mapping[str, t.Any], answer: t.Any) -> None:
    """Raises Refusal for an answer with which AWX starts no job."""
    _require(isinstance(answer, _ANSWER[question["type"]]), error=f"wrong type of {answer!r}")
    size = len(answer) if isinstance(answer, str) else answer
    _require(
        question.get("min", size) <= size <= question.get("max", size), error=f"{answer!r} is too long or too short"
    )
    _require(answer in question.get("choices", [answer]), error=f"{answer!r} is no choice")


def check_rrule(text: str) -> None:
    """Raises Refusal."""
    _require(
        re.fullmatch(r"DTSTART(;TZID=[^:]+:\d{8}T\d{6}|:\d{8}T\d{6}Z) RRULE:\S+", text),
        rrule="needs one DTSTART and one RRULE",
    )
    rules = dict(part.split("=") for part in text.partition("RRULE:")[2].split(";"))
    _require("INTERVAL" in rules, rrule="INTERVAL required in rrule")
    _require(
        rules["FREQ"] in ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"), rrule="FREQ is not supported"
    )
    _require(not re.match(r"\d", rules.get("BYDAY", "")), rrule="BYDAY with numeric prefix not supported")


def _require(condition: t.Any, **refusal: str) -> None:
    if not condition:
        raise Refusal({name: [text] for name, text in refusal.items()})
