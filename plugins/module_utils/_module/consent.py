# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The steps of pc_consent: begin a person's sign-in, finish it, and later rotate the refresh token."""

from __future__ import annotations

import contextlib
import typing as t
from pathlib import Path

from .._api.auth import consent, loopback, token_file
from .._api.auth.claims import claims, proves_mfa
from .._api.auth.consent import Begun
from .._api.auth.sign_in import Grant
from .._api.auth.token_cache import TokenCache
from .._api.auth.token_file import TokenFile
from .._api.auth.tokens import ReadyToken, leave
from .._api.connect import Connection
from .._api.errors import AppUserRequired, CredentialsError
from .._api.settings.connection import ConnectionSettings
from .._common import private_file
from .._common.problems import InvalidInput
from .._common.redaction import Redactor
from .._common.surroundings import Surroundings
from .._common.times import utc_text_of
from .._engine.runtime import as_failure
from .arguments import TaskModule
from .connection import CONNECTION, connection
from .parent_watch import ParentWatch
from .results import end_module, failure

CONSENT_SPEC: t.Final[t.Mapping[str, t.Mapping[str, t.Any]]] = {
    "step": {"type": "str", "required": True, "choices": ["begin", "finish", "rotate"]},
    "method": {"type": "str", "default": "authorization_code", "choices": list(consent.METHODS)},
    "redirect_uri": {"type": "str", "default": "http://localhost:8400"},
    "listen": {"type": "bool", "default": True},
    "flow_path": {"type": "path"},
    "redirect_address": {"type": "str", "no_log": True},
    "wait_timeout": {"type": "int", "default": 600},
    token_file.OPTION: {"type": "path", "no_log": False},
}
REQUIRED: t.Final = [
    ("step", "begin", ["flow_path"]),
    ("step", "finish", ["flow_path"]),
    ("step", "rotate", [token_file.OPTION]),
]

_Result = dict[str, t.Any]
_LONGEST_WAIT = 3600
_NO_MFA = (
    "The sign-in does not prove multi-factor authentication. Partner Center will refuse the token (401, code 900421): "
    "turn MFA on for the user and sign in again."
)


def run_consent() -> None:
    """Run the module; ends the process."""
    module = TaskModule(argument_spec={**CONNECTION, **CONSENT_SPEC}, required_if=REQUIRED, supports_check_mode=True)
    redactor = Redactor(on_add=module.no_log_values.add)
    steps = {"begin": _begin, "finish": _finish, "rotate": _rotate}
    try:
        with ParentWatch() as watch:
            result = steps[module.params["step"]](module, redactor, Surroundings(watch.stop_requested))
    except Exception as error:  # noqa: BLE001 - a person is told what happened, not where in the code
        end_module(module, {"changed": False, **failure(as_failure(error), redactor)}, failed=True)
        return
    end_module(module, result, failed=False)


def _connection(
    module: TaskModule, redactor: Redactor, surroundings: Surroundings, *, first_sign_in: bool
) -> Connection:
    settings = connection(module, first_sign_in=first_sign_in)
    return Connection(settings, redactor=redactor, surroundings=surroundings)


class _Targets:
    """Where the refresh token is to be left: a file, the token cache, or both."""

    def __init__(self, settings: ConnectionSettings, path: str | None, surroundings: Surroundings) -> None:
        self._settings = settings
        self._surroundings = surroundings
        self.file = TokenFile(path) if path is not None else None
        cache = settings.token_cache_path
        self.cache = TokenCache(cache, surroundings) if cache is not None else None
        if self.file is None and self.cache is None:
            raise CredentialsError(
                f"It is not said where the refresh token is to be left: {token_file.OPTION} and token_cache_path are "
                "missing."
            )

    @property
    def paths(self) -> list[str]:
        cache = self._settings.token_cache_path
        found = [self.file.path] if self.file is not None else []
        return [str(path) for path in (*found, *([private_file.resolved(cache)] if cache is not None else []))]

    @contextlib.contextmanager
    def ready(self) -> t.Iterator[None]:
        """Within it there is room for the token; what cannot be used is refused before anybody signs in."""
        if self.cache is not None:
            with self.cache.locked():
                self.cache.check()
        with self.file or contextlib.nullcontext():
            yield

    def keep(self, grant: Grant, redactor: Redactor) -> None:
        file, cache, token = self.file, self.cache, t.cast(str, grant.refresh_token)
        steps: list[t.Callable[[], None]] = []
        if file is not None:
            steps.append(lambda: file.keep(token))
        if cache is not None:
            now = self._surroundings.wall()
            steps.append(lambda: leave(self._settings, grant, cache, redactor=redactor, now=now))
        token_file.do_all(*steps)


def _begin(module: TaskModule, redactor: Redactor, surroundings: Surroundings) -> _Result:
    params = module.params
    over = _connection(module, redactor, surroundings, first_sign_in=True)
    targets = _Targets(over.settings, params[token_file.OPTION], surroundings)
    _check_redirect_uri(params["redirect_uri"])
    is_code = params["method"] == "authorization_code"
    listens = is_code and params["listen"] and loopback.is_loopback(params["redirect_uri"])
    if listens:
        loopback.check_listening(params["redirect_uri"])  # before somebody is shown a link that leads nowhere
    shown: _Result = {"changed": True, "link": None, "user_code": None, "message": None, "loopback": listens}
    if module.check_mode:
        return {**shown, "diff": _diff_of_file({"sign-in": "none"}, {"sign-in": f"begun, {params['method']}"})}
    with targets.ready():
        client = over.consent()
        begun = client.begin(params["method"], params["redirect_uri"])
    client.save(begun, _flow_path(params))
    return {
        **shown,
        **_for_the_person(begun),
        "diff": _diff_of_file({"sign-in": "none"}, {"sign-in": f"begun, {begun.method}"}),
    }


def _finish(module: TaskModule, redactor: Redactor, surroundings: Surroundings) -> _Result:
    params = module.params
    over = _connection(module, redactor, surroundings, first_sign_in=True)
    targets = _Targets(over.settings, params[token_file.OPTION], surroundings)
    timeout = _duration(params["wait_timeout"])
    result: _Result = {
        "changed": True,
        "saved_to": targets.paths,
        "username": None,
        "mfa": None,
        "diff": _diff_of_file(
            dict.fromkeys(targets.paths, "as it was"), dict.fromkeys(targets.paths, "a new refresh token")
        ),
    }
    if module.check_mode:
        return result
    client = over.consent()
    path = _flow_path(params)
    begun = client.load(path)
    with targets.ready():
        if begun.method == "device_code":
            grant = client.wait_for_device(begun, timeout)
        else:
            answer = _answer(begun, params["redirect_address"], timeout, surroundings)
            grant = client.finish(begun, answer)
        targets.keep(grant, redactor)
    with contextlib.suppress(OSError):  # it is worth nothing any more, and the token is safe
        path.unlink()
    mfa = proves_mfa(claims(grant.access_token))
    if mfa is False:
        module.warn(_NO_MFA)
    return {**result, "username": grant.username, "mfa": mfa}


def _rotate(module: TaskModule, redactor: Redactor, surroundings: Surroundings) -> _Result:
    over = _connection(module, redactor, surroundings, first_sign_in=False)
    source = over.tokens()
    if isinstance(source, ReadyToken):
        raise CredentialsError("An access token cannot be rotated: refresh_token is missing.")
    if source.mode == "app_only":
        raise AppUserRequired("Rotating the refresh token")
    file = TokenFile(module.params[token_file.OPTION])
    held = file.held()
    place = str(file.path)
    result: _Result = {
        "changed": True,
        "saved_to": [place],
        "rotated": None,
        "refresh_token_issued_at": None,
        "diff": _diff_of_file({place: "as it was"}, {place: "a new refresh token"}),
    }
    if module.check_mode:
        return result
    issued_at = source.rotate(file)
    if issued_at is None:
        module.warn("Entra gave the same refresh token again; it does not last longer than before.")
        result |= {
            "changed": file.held() != held,
            "diff": _diff_of_file({place: "as it was"}, {place: "the same refresh token again"}),
        }
    return {**result, "rotated": issued_at is not None, "refresh_token_issued_at": utc_text_of(issued_at)}


def _answer(begun: Begun, address: str | None, timeout: int, surroundings: Surroundings) -> dict[str, str]:
    if address:
        return consent.pasted(address)
    if not loopback.is_loopback(begun.redirect_uri):
        raise CredentialsError(
            f"redirect_address is missing: nobody can wait at {begun.redirect_uri}.",
            hint="Give the address that the browser ended at.",
        )
    return loopback.wait_for_redirect(begun.redirect_uri, begun.state, timeout, surroundings)


def _for_the_person(begun: Begun) -> _Result:
    """What has to be shown; none of it is a secret."""
    if begun.method == "device_code":
        return {
            "link": begun.flow.get("verification_uri"),
            "user_code": begun.flow.get("user_code"),
            "message": begun.flow.get("message"),
        }
    return {"link": begun.flow.get("auth_uri")}


def _check_redirect_uri(address: str) -> None:
    # Entra is the judge of it; a slip is better found before somebody has clicked.
    scheme, found, rest = address.partition("://")
    if not found or scheme.lower() not in {"http", "https"} or not rest or any(mark in address for mark in "#? "):
        raise InvalidInput("redirect_uri", "it must be an address such as http://localhost:8400, as registered.")
    if scheme.lower() == "http" and not loopback.is_loopback(address):
        raise InvalidInput("redirect_uri", "with http:// it must be at localhost or 127.0.0.1.")


def _flow_path(params: t.Mapping[str, t.Any]) -> Path:
    try:
        return private_file.resolved(params["flow_path"])
    except OSError as error:
        raise InvalidInput("flow_path", f"it cannot be used: {error.strerror or error}.") from None


def _duration(value: int) -> int:
    if not 1 <= value <= _LONGEST_WAIT:
        raise InvalidInput("wait_timeout", f"it must be from 1 to {_LONGEST_WAIT} seconds.")
    return value


def _diff_of_file(before: t.Mapping[str, str], after: t.Mapping[str, str]) -> dict[str, t.Any]:
    return {"before": before, "after": after}
