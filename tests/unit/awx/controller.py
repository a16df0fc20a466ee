# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
A small AWX on loopback: it keeps objects as the API of AWX does for the modules of awx.awx, and refuses what AWX
refuses.

What it knows of AWX: the fields of each kind, what they refer to, the rules for credential types, surveys and rules of
schedules, playbooks that have to be in the project, and what is removed along with what.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

from .rules import Refusal, check_credential, check_credential_type, check_rrule, check_survey

Object: t.TypeAlias = "dict[str, t.Any]"

#: What AWX takes for a playbook: a file with a play, or with an import of one.
_PLAY: t.Final = re.compile(r"^\s*?-?\s*?(?:hosts|(ansible\.builtin\.)?import_playbook):\s*?.*?$", re.MULTILINE)


@dataclass(frozen=True)
class Kind:
    """
    ``fields`` with their defaults. ``refers``: a field that is another object's id → its kind. ``owner``: the one of
    them with which it goes.
    """

    type: str
    fields: dict[str, t.Any]
    refers: dict[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    links: dict[str, str] = field(default_factory=dict)
    owner: str = ""
    unique: tuple[str, ...] = ("name",)


_ORGANIZED: t.Final = {"organization": "organizations"}
KINDS: t.Final[dict[str, Kind]] = {
    "organizations": Kind("organization", {"description": ""}),
    "credential_types": Kind(
        "credential_type",
        {"description": "", "kind": "", "managed": False, "inputs": {}, "injectors": {}},
        required=("kind",),
    ),
    "credentials": Kind(
        "credential",
        {"description": "", "inputs": {}},
        {**_ORGANIZED, "credential_type": "credential_types"},
        ("credential_type",),
    ),
    "execution_environments": Kind(
        "execution_environment", {"description": "", "image": "", "pull": ""}, _ORGANIZED, ("image",)
    ),
    "projects": Kind(
        "project",
        {
            "description": "",
            "scm_type": "",
            "scm_url": "",
            "scm_branch": "",
            "scm_update_on_launch": False,
            "allow_override": False,
            "scm_revision": "",
        },
        {**_ORGANIZED, "default_environment": "execution_environments"},
        ("organization",),
    ),
    "inventories": Kind(
        "inventory",
        {"description": "", "kind": "", "host_filter": None, "variables": ""},
        _ORGANIZED,
        ("organization",),
    ),
    "inventory_sources": Kind(
        "inventory_source",
        {
            "description": "",
            "source": "",
            "source_path": "",
            "overwrite": False,
            "overwrite_vars": False,
            "update_on_launch": False,
            "update_cache_timeout": 0,
        },
        {
            "inventory": "inventories",
            "source_project": "projects",
            "credential": "credentials",
            "execution_environment": "execution_environments",
        },
        ("inventory", "source"),
        owner="inventory",
        unique=("name", "inventory"),
    ),
    "job_templates": Kind(
        "job_template",
        {
            "description": "",
            "job_type": "run",
            "playbook": "",
            "extra_vars": "",
            "survey_enabled": False,
            "allow_simultaneous": False,
            "job_slice_count": 1,
        },
        {
            **_ORGANIZED,
            "project": "projects",
            "inventory": "inventories",
            "execution_environment": "execution_environments",
        },
        ("project", "inventory", "playbook"),
        {"credentials": "credentials"},
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {"description": "", "extra_vars": "", "survey_enabled": False, "allow_simultaneous": False},
        _ORGANIZED,
    ),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        {"identifier": "", "all_parents_must_converge": False},
        {"workflow_job_template": "workflow_job_templates", "unified_job_template": "unified_job_templates"},
        ("workflow_job_template", "identifier"),
        dict.fromkeys(("success_nodes", "failure_nodes", "always_nodes"), "workflow_job_template_nodes"),
        owner="workflow_job_template",
        unique=("identifier", "workflow_job_template"),
    ),
    "workflow_approval_templates": Kind("workflow_approval_template", {"description": "", "timeout": 0}),
    "schedules": Kind(
        "schedule",
        {"description": "", "rrule": "", "enabled": True, "extra_data": {}},
        {"unified_job_template": "unified_job_templates"},
        ("unified_job_template", "rrule"),
        owner="unified_job_template",
        unique=("name", "unified_job_template"),
    ),
}
#: What can be run, by a schedule or as the node of a workflow.
RUNNABLE: t.Final = (
    "job_templates",
    "workflow_job_templates",
    "projects",
    "inventory_sources",
    "workflow_approval_templates",
)


class Controller:
    """The objects, and what was asked: ``writes`` has the method and path of each request that was no GET."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self.objects: dict[str, dict[int, Object]] = {kind: {} for kind in KINDS}
        self.secrets: dict[int, Object] = {}
        self.surveys: dict[int, Object] = {}
        self.writes: list[str] = []
        self._last = 0
        self.add("organizations", {"name": "Default"})

    def add(self, kind: str, given: Object) -> Object:
        """Raises Refusal, as all below do."""
        known = KINDS[kind]
        content = self._checked(kind, {"name": "", **given})
        for name in known.required:
            if content.get(name) in (None, ""):
                raise Refusal({name: ["This field is required."]})
        if any(all(content.get(key) == one.get(key) for key in known.unique) for one in self.objects[kind].values()):
            raise Refusal({"__all__": [f"{known.type} with this {' and '.join(known.unique)} already exists."]})
        self._last += 1
        found = {**known.fields, **dict.fromkeys(known.refers), **content, "id": self._last, "type": known.type}
        found |= {"url": f"/api/v2/{kind}/{self._last}/", "summary_fields": {}, "related": {}}
        if kind in ("job_templates", "workflow_job_templates"):
            found["related"]["survey_spec"] = f"{found['url']}survey_spec/"
        self.objects[kind][self._last] = {**found, **{name: [] for name in known.links}}
        return self.shown(kind, self._last)

    def change(self, kind: str, number: int, given: Object) -> Object:
        found = self.objects[kind][number]
        found.update(self._checked(kind, {**given}, found))
        return self.shown(kind, number)

    def remove(self, kind: str, number: int) -> None:
        """It, and what goes with it."""
        if kind == "credential_types" and any(
            one["credential_type"] == number for one in self.objects["credentials"].values()
        ):
            raise Refusal({"detail": "Credential types that are in use cannot be deleted."}, 403)
        gone = self.objects[kind].pop(number)
        if kind == "workflow_job_template_nodes":
            self.objects["workflow_approval_templates"].pop(gone["unified_job_template"], None)
        for name, other in KINDS.items():
            into = other.refers.get(other.owner, "") if other.owner else ""
            if into == kind or (into == "unified_job_templates" and kind in RUNNABLE):
                for one in [one for one in self.objects[name].values() if one[other.owner] == number]:
                    self.remove(name, one["id"])

    def shown(self, kind: str, number: int) -> Object:
        found = {name: value for name, value in self.objects[kind][number].items() if name not in KINDS[kind].links}
        if kind == "credentials":
            secret = self._secret_fields(found["credential_type"])
            found["inputs"] = {name: "$encrypted$" if name in secret else one for name, one in found["inputs"].items()}
        if kind == "workflow_job_template_nodes" and found["unified_job_template"]:
            place = self._place(found["unified_job_template"])
            found["related"] = {"unified_job_template": f"/api/v2/{place}/{found['unified_job_template']}/"}
        return found

    def find(self, kind: str, query: t.Mapping[str, str]) -> list[Object]:
        kinds = RUNNABLE if kind == "unified_job_templates" else (kind,)
        every = [self.shown(one, number) for one in kinds for number in self.objects[one]]
        return [one for one in every if all(str(one.get(name)) == value for name, value in query.items())]

    def named(self, kind: str) -> dict[str, Object]:
        return {one.get("identifier") or one["name"]: one for one in self.objects[kind].values()}

    def link(self, kind: str, number: int, name: str, given: Object) -> None:
        if given["id"] not in self.objects[KINDS[kind].links[name]]:
            raise Refusal({"detail": "Not found."}, 404)
        linked = self.objects[kind][number][name]
        if given.get("disassociate"):
            linked.remove(given["id"])
        else:
            linked.append(given["id"])

    def _place(self, number: int) -> str:
        return next(kind for kind in RUNNABLE if number in self.objects[kind])

    def _secret_fields(self, credential_type: int) -> set[str]:
        fields = self.objects["credential_types"][credential_type]["inputs"]["fields"]
        return {one["id"] for one in fields if one.get("secret")}

    def _checked(self, kind: str, given: Object, before: Object | None = None) -> Object:
        known = KINDS[kind]
        # The modules send their own type with a node; AWX leaves such fields alone.
        given.pop("type", None)
        unknown = given.keys() - known.fields.keys() - known.refers.keys() - {"name"}
        if unknown:
            raise AssertionError(f"{kind} have no {sorted(unknown)}")
        for name, into in known.refers.items():
            number = given.get(name)
            kinds = RUNNABLE if into == "unified_job_templates" else (into,)
            if number and not any(number in self.objects[one] for one in kinds):
                raise Refusal({name: [f'Invalid pk "{number}" - object does not exist.']})
        whole = {**(before or {}), **given}
        if kind == "credential_types":
            check_credential_type(whole)
        elif kind == "credentials" and whole.get("inputs"):
            self._keep_secrets(given, before)
            check_credential(whole["inputs"], self.objects["credential_types"][whole["credential_type"]]["inputs"])
        elif kind == "schedules":
            check_rrule(whole["rrule"])
        elif kind == "job_templates" and whole["playbook"] not in self.playbooks():
            raise Refusal({"playbook": ["Playbook not found for project."]})
        return given

    def _keep_secrets(self, given: Object, before: Object | None) -> None:
        for name, value in (given.get("inputs") or {}).items():
            if value == "$encrypted$" and before:
                given["inputs"][name] = before["inputs"][name]

    def playbooks(self) -> set[str]:
        """As AWX lists a project's playbooks."""
        found = set()
        for path in self._project.rglob("*.yml"):
            place = path.relative_to(self._project)
            if not {"roles", "tasks", "group_vars", "host_vars"} & set(place.parts) and _PLAY.search(path.read_text()):
                found.add(place.as_posix())
        return found


class _Handler(BaseHTTPRequestHandler):
    controller: Controller

    def do_GET(self) -> None:
        kind, number, part, query = self._asked()
        if number is None:
            found = self.controller.find(kind, query)
            self._answer({"count": len(found), "next": None, "previous": None, "results": found})
        elif part == "survey_spec":
            self._answer(self.controller.surveys.get(number, {}))
        elif part:
            linked = self.controller.objects[kind][number][part]
            other = KINDS[kind].links[part]
            results = [self.controller.shown(other, one) for one in linked]
            self._answer({"count": len(results), "next": None, "previous": None, "results": results})
        elif number in self.controller.objects[kind]:
            self._answer(self.controller.shown(kind, number))
        else:
            self._answer({"detail": "Not found."}, 404)

    def do_POST(self) -> None:
        kind, number, part, _query = self._asked()
        given = self._body()
        if number is None:
            self._write(lambda: (self.controller.add(kind, given), 201))
        elif part == "survey_spec":
            self._write(lambda: (self._survey(number, given), 200))
        elif part == "create_approval_template":
            self._write(lambda: (self._approval(number, given), 201))
        else:
            self._write(lambda: (self.controller.link(kind, number, part, given) or {}, 204))

    def do_PATCH(self) -> None:
        kind, number, _part, _query = self._asked()
        given = self._body()
        self._write(lambda: (self.controller.change(kind, t.cast("int", number), given), 200))

    def do_DELETE(self) -> None:
        kind, number, _part, _query = self._asked()
        # AWX removes inventories when it has time.
        status = 202 if kind == "inventories" else 204
        self._write(lambda: (self.controller.remove(kind, t.cast("int", number)) or {}, status))

    def _survey(self, number: int, given: Object) -> Object:
        check_survey(given)
        self.controller.surveys[number] = given
        return {}

    def _approval(self, node: int, given: Object) -> Object:
        made = self.controller.add("workflow_approval_templates", given)
        self.controller.objects["workflow_job_template_nodes"][node]["unified_job_template"] = made["id"]
        return made

    def _asked(self) -> tuple[str, int | None, str, dict[str, str]]:
        address = urlsplit(self.path)
        kind, number, part = (address.path.removeprefix("/api/v2/").strip("/").split("/") + ["", ""])[:3]
        return kind, int(number) if number else None, part, dict(parse_qsl(address.query))

    def _body(self) -> Object:
        return t.cast("Object", json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "{}"))

    def _write(self, do: t.Callable[[], tuple[Object, int]]) -> None:
        self.controller.writes.append(f"{self.command} {self.path}")
        try:
            self._answer(*do())
        except Refusal as refusal:
            self._answer(refusal.content, refusal.status)

    def _answer(self, content: Object, status: int = 200) -> None:
        assert self.headers["Authorization"] == "Bearer a-token-of-awx"
        body = json.dumps(content).encode() if status != 204 else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", "24.6.1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: t.Any) -> None:  # noqa: A002
        """Nothing: the test says what went wrong."""


class Running(t.NamedTuple):
    controller: Controller
    address: str


def serve(project: Path) -> t.Iterator[Running]:
    """An AWX whose project is this folder, as long as it is asked for."""
    controller = Controller(project)
    handler = type("Handler", (_Handler,), {"controller": controller})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Running(controller, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
