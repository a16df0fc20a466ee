# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options: what is refused before anything is sent, and which source of the connection counts."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.csp.partner_center.plugins.doc_fragments._connection import ModuleDocFragment
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.credentials import (
    AZURE_FEDERATED_TOKEN_FILE,
)
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.options import variable
from ansible_collections.csp.partner_center.plugins.module_utils._common.libraries import REQUIREMENTS
from ansible_collections.csp.partner_center.plugins.module_utils._module.connection import CONNECTION

from ..emulators import Emulator
from .conftest import Ansible

SECRET = "a-secret-that-nobody-may-see"


def variables(connection: t.Mapping[str, t.Any], **more: str) -> dict[str, str]:
    return {f"PARTNER_CENTER_{name.upper()}": str(value) for name, value in {**connection, **more}.items()}


WRONG: list[tuple[dict[str, t.Any], str]] = [
    (
        {"matches": {"status": "active"}},
        "matches: not an option of csp.partner_center.partner_center. Did you mean match?",
    ),
    ({"match": {}}, "match: is empty"),
    ({"match": {"state": "active"}}, "match.state: is not known; did you mean status?"),
    ({"match": {"status": None}}, "match.status: must not be null"),
    ({"match": {"friendly_name": "[abc"}}, "match.friendly_name: '[abc' is a bad glob"),
    ({"max_concurrency": 0}, "max_concurrency: must be a whole number of at least 1"),
    ({"hosts": "tenants"}, "tenants"),
    ({"on_unavailable": "ignore"}, "ignore"),
    ({"timeout": 0}, "timeout must be from 1 to 3600"),
    ({"timeout": "soon"}, "timeout must be an integer"),
    ({"validate_certs": "perhaps"}, "validate_certs must be true or false"),
    ({"cloud": "moon"}, "cloud must be one of global"),
    ({"api_url": "http://127.0.0.1"}, "api_url must begin with https://"),
    ({"client_secret": [SECRET]}, "client_secret must be a string, not"),
    ({"client_secret": {"key": SECRET}}, "client_secret must be a string, not"),
    ({"client_secret": f"{SECRET} "}, "client_secret begins or ends with white space"),
    ({"client_certificate_path": "/nowhere"}, "contradict each other: give only one way of signing in"),
    ({"client_secret": "{{ no_such_variable }}"}, "client_secret: 'no_such_variable' is undefined"),
    ({"client_secret": "{{ lookup('ansible.builtin.env', 'NO_SUCH') }}"}, "client_secret is empty"),
]


def test_what_is_wrong_is_refused_before_any_request(ansible: Ansible) -> None:
    """Each in a file of its own. One command reads them all, and ends what it says of each with the same words."""
    names = [f"wrong-{number}.partner_center.yml" for number in range(len(WRONG))]
    for name, (options, _said) in zip(names, WRONG, strict=True):
        ansible.write(**options).rename(ansible.folder / name)
    answer = ansible.refused(*names)
    assert SECRET not in answer.output + answer.errors
    left = "".join(answer.errors.split())
    for name, (options, said) in zip(names, WRONG, strict=True):
        told, end, left = left.partition("".join(f"Unable to parse {ansible.folder / name} as an inventory".split()))
        assert end, (options, told)
        assert "Failedtoparse" in told
        assert "".join(said.split()) in told, (options, told)


def test_every_connection_option_says_its_variable() -> None:
    described = yaml.safe_load(ModuleDocFragment.PLUGIN)["options"]
    named = {name: [one["name"] for one in option["env"]] for name, option in described.items()}
    expected = {name: [variable(name)] for name in CONNECTION}
    expected["federated_token_file"].append(AZURE_FEDERATED_TOKEN_FILE)
    assert named == expected


def test_missing_parts_are_named(ansible: Ansible) -> None:
    ansible.write({})
    assert ansible.refused().says("No credentials are given")
    ansible.write({"client_secret": SECRET})
    assert ansible.refused().says("tenant_id and client_id are missing")


def test_the_environment_is_enough(ansible: Ansible, emulator: Emulator) -> None:
    ansible.write({})
    found = variables(emulator.connection, cloud="", timeout="", validate_certs="", token_cache_path="")
    assert len(ansible.hosts(**found)) == 12


def test_the_file_wins_over_the_environment(ansible: Ansible, emulator: Emulator) -> None:
    wrong = {"tenant_id": "nobody.example.com", "client_id": emulator.facts["public_client_id"], "timeout": "7"}
    ansible.write(timeout=30)
    assert len(ansible.hosts(**variables(wrong, api_url="https://127.0.0.1:9"))) == 12


def test_what_is_wrong_in_the_environment_matters_only_where_it_counts(ansible: Ansible) -> None:
    wrong = variables({"timeout": "soon", "retries": "few", "cloud": "moon", "validate_certs": "perhaps"})
    ansible.write(timeout=30, retries=1, cloud="global", validate_certs=True)
    assert len(ansible.hosts(**wrong)) == 12
    for name, value in wrong.items():
        ansible.write()
        assert ansible.refused(**{name: value}).says(f"{name} must be")


def test_a_way_in_the_file_silences_those_of_the_environment(ansible: Ansible, emulator: Emulator) -> None:
    facts = emulator.facts
    others = {"client_certificate_path": "/nowhere", "access_token": "x" * 20, "federated_token_file": "/nowhere"}
    ansible.write()
    assert len(ansible.hosts(**variables(others))) == 12
    certificate = {
        name: facts[name] for name in ("client_certificate_path", "client_certificate_passphrase", "refresh_token")
    }
    ansible.write(certificate)
    rest = {name: facts[name] for name in ("tenant_id", "client_id", "api_url", "authority_url", "ca_path")}
    assert len(ansible.hosts(**variables(rest, client_secret="not-the-right-secret"))) == 12


def test_two_ways_in_the_environment_are_refused_unless_the_file_has_one(ansible: Ansible, emulator: Emulator) -> None:
    two = variables(emulator.connection, client_certificate_path=emulator.facts["client_certificate_plain_path"])
    ansible.write({})
    assert ansible.refused(**two).says(
        "PARTNER_CENTER_CLIENT_SECRET and PARTNER_CENTER_CLIENT_CERTIFICATE_PATH contradict each other"
    )
    ansible.write({"client_secret": emulator.facts["client_secret"]})
    assert len(ansible.hosts(**two)) == 12


def test_connection_options_may_be_templates(ansible: Ansible, emulator: Emulator) -> None:
    (ansible.folder / "secret").write_text(emulator.facts["client_secret"] + "\n")
    ansible.write(
        {
            **emulator.connection,
            "tenant_id": "{{ lookup('ansible.builtin.env', 'MY_TENANT') }}",
            "client_secret": "{{ lookup('ansible.builtin.file', '" + str(ansible.folder / "secret") + "') }}",
            "ca_path": "{{ extra_folder }}/ca.pem",
            "cloud": "{{ 'global' }}",
            "timeout": "{{ 30 + 1 }}",
            "retries": "{{ '2' }}",
            "validate_certs": "{{ true }}",
        }
    )
    folder = f"extra_folder={emulator.folder}"
    assert len(ansible.hosts("-e", folder, MY_TENANT=emulator.facts["tenant_id"])) == 12


def test_a_path_may_begin_at_home(ansible: Ansible, emulator: Emulator) -> None:
    (ansible.folder / "ca.pem").write_bytes((emulator.folder / "ca.pem").read_bytes())
    ansible.write({**emulator.connection, "ca_path": "~/ca.pem"})
    assert len(ansible.hosts(HOME=str(ansible.folder))) == 12


def test_a_secret_may_lie_in_a_vault(ansible: Ansible, emulator: Emulator) -> None:
    (ansible.folder / "password").write_text("vault password")
    arguments = ("--vault-password-file", "password", "--name", "client_secret", emulator.facts["client_secret"])
    sealed = ansible.run("ansible-vault", "encrypt_string", *arguments)
    assert sealed.status == 0, sealed.errors
    lines = ["plugin: csp.partner_center.partner_center", sealed.output]
    lines += [f"{name}: {value}" for name, value in emulator.connection.items() if name != "client_secret"]
    (ansible.folder / "fleet.partner_center.yml").write_text("\n".join(lines))
    assert len(ansible.hosts("--vault-password-file", "password")) == 12


def test_secrets_are_not_shown(ansible: Ansible, emulator: Emulator) -> None:
    ansible.write({**emulator.connection, "client_secret": SECRET})
    answer = ansible.run("ansible-inventory", "-i", "fleet.partner_center.yml", "--graph", "-vvvv")
    assert answer.says("AADSTS7000215")
    shown = answer.output + answer.errors
    assert SECRET not in shown
    assert emulator.facts["refresh_token"] not in shown
    ansible.write()
    answer = ansible.run("ansible-inventory", "-i", "fleet.partner_center.yml", "--list", "-vvvv")
    shown = answer.output + answer.errors
    assert emulator.facts["client_secret"] not in shown
    assert emulator.facts["refresh_token"] not in shown


@pytest.mark.parametrize("libraries", [["msal"], ["requests", "msal"]])
def test_missing_libraries_are_named_at_once(ansible: Ansible, libraries: list[str]) -> None:
    hidden = dict.fromkeys(libraries)
    (ansible.folder / "sitecustomize.py").write_text(f"import sys\nsys.modules.update({hidden!r})\n")
    ansible.write()
    answer = ansible.refused(PYTHONPATH=str(ansible.folder))
    named = "library (msal)" if libraries == ["msal"] else "libraries (requests, msal)"
    assert answer.says(f"Failed to import the required Python {named}")
    wanted = " ".join(f"'{REQUIREMENTS[name]}'" for name in libraries)
    # The first line of the program says with which Python it runs.
    python = Path(sys.executable).with_name("ansible-inventory").read_text().splitlines()[0].removeprefix("#!")
    assert answer.says(f"Install with: {python} -m pip install {wanted}")
