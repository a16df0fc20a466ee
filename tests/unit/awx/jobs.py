# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Jobs as AWX starts them: ansible-runner in a private data dir, with the environment and the files that the credential
type injects, the template's variables, and what a survey or the jobs before have given as unsafe text.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from .rules import check_answer, check_credential, rendered

#: What AWX tells ansible-runner: leave no files with the environment, and none with the output.
_SETTINGS: t.Final = {"suppress_env_files": True, "suppress_output_file": True}


class Unsafe(str):
    """A text that AWX marks, so that Ansible reads no template in it."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: t.Any) -> bool:
        return True


_Dumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def _unsafe(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return Unsafe(value)
    if isinstance(value, dict):
        return {name: _unsafe(one) for name, one in value.items()}
    return [_unsafe(one) for one in value] if isinstance(value, list) else value


@dataclass
class Job:
    """A job that has ended. ``artifacts``: what AWX keeps of it for the jobs after it."""

    status: int
    artifacts: dict[str, t.Any]
    stdout: str
    #: All that AWX stores: each event as JSON.
    events: list[str]

    @property
    def text(self) -> str:
        return " ".join(self.stdout.split())


@dataclass
class Platform:
    """Starts jobs of the templates in ``objects``, with one credential."""

    folder: Path
    objects: dict[str, t.Any]
    inputs: dict[str, str]
    project: Path
    inventory: dict[str, t.Any] = field(default_factory=dict)
    ended: list[Job] = field(default_factory=list)

    def template(self, name: str) -> dict[str, t.Any]:
        return next(one for one in self.objects["controller_templates"] if one["name"] == f"Partner Center: {name}")

    def launch(
        self, name: str, answers: t.Mapping[str, t.Any] | None = None, artifacts: t.Mapping[str, t.Any] | None = None
    ) -> Job:
        template = self.template(name)
        questions = template.get("survey_spec", {}).get("spec", [])
        given = {one["variable"]: one["default"] for one in questions if "default" in one} | dict(answers or {})
        assert given.keys() <= {one["variable"] for one in questions}
        assert {one["variable"] for one in questions if one["required"]} <= given.keys()
        for one in questions:
            check_answer(one, given[one["variable"]])
        folder = self.folder / f"awx_{self.jobs}_job"
        variables = {"awx_job_id": self.jobs, "awx_job_template_name": template["name"], **given, **(artifacts or {})}
        self._lay(folder, template["extra_vars"], variables)
        self.ended.append(self._run(folder, template["playbook"]))
        return self.ended[-1]

    @property
    def jobs(self) -> int:
        """The number of the job that runs, or that is started next."""
        return len(self.ended) + 1

    def _lay(self, folder: Path, own: t.Mapping[str, t.Any], others: t.Mapping[str, t.Any]) -> None:
        (folder / "env").mkdir(parents=True)
        (folder / "inventory").mkdir()
        (folder / "project").symlink_to(self.project)
        (described,) = self.objects["controller_credential_types"]
        check_credential(self.inputs, described["inputs"])
        variables, files = rendered(described, self.inputs, folder=str(folder / "env"))
        for name, content in files.items():
            Path(name).write_text(content)
        environment = {
            **variables,
            "AWX_PRIVATE_DATA_DIR": str(folder),
            "JOB_ID": str(self.jobs),
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
            "HOME": str(folder),
        }
        (folder / "env" / "envvars").write_text(json.dumps(environment))
        (folder / "env" / "settings").write_text(json.dumps(_SETTINGS))
        extra = {**own, **_unsafe(dict(others))}
        (folder / "env" / "extravars").write_text(yaml.dump(extra, Dumper=_Dumper))
        script = folder / "inventory" / "hosts"
        hosts = json.dumps(self.inventory or {"all": {"hosts": []}, "_meta": {"hostvars": {}}})
        script.write_text(f"#!/usr/bin/env python3\nprint({hosts!r})\n")
        script.chmod(0o700)

    def _run(self, folder: Path, playbook: str) -> Job:
        ours = ("PARTNER_CENTER_", "ANSIBLE_", "XDG_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        done = subprocess.run(
            [sys.executable, "-m", "ansible_runner", "run", folder, "-p", playbook, "--ident", "1"],
            env={**kept, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        paths = (folder / "artifacts" / "1" / "job_events").glob("*.json")
        events = sorted(
            ((json.loads(text := path.read_text()), text) for path in paths), key=lambda one: one[0]["counter"]
        )
        stats = [event["event_data"] for event, _text in events if event["event"] == "playbook_on_stats"]
        artifacts = stats[0].get("artifact_data", {}) if stats else {}
        return Job(done.returncode, artifacts, done.stdout + done.stderr, [text for _event, text in events])
