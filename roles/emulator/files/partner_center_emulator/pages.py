# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages a person sees when signing in: authorize (authorization code) and the device's page."""

from __future__ import annotations

import html
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from .entra import Entra, read_form
from .entra_errors import EntraError
from .grants import Code
from .ids import new_guid

_NATIVE = "https://login.microsoftonline.com/common/oauth2/nativeclient"
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:16px/1.5 'Segoe UI',sans-serif;max-width:26rem;margin:4rem auto;color:#1b1b1b}}
label,input,button{{display:block;width:100%;box-sizing:border-box;margin:.3rem 0;font:inherit}}
input{{padding:.4rem;border:0;border-bottom:1px solid #666}}
button{{padding:.5rem;border:0;background:#0067b8;color:#fff}}
button[value=deny]{{background:#ddd;color:#000}}.error{{color:#c00}}</style></head>
<body><h1>{title}</h1>{content}</body></html>"""
_KEPT = (
    "client_id",
    "redirect_uri",
    "state",
    "nonce",
    "scope",
    "response_type",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
)


class Pages:
    def __init__(self, entra: Entra) -> None:
        self._entra = entra

    async def authorize(self, request: Request) -> Response:
        """The sign-in page; its form leads to :meth:`login`."""
        self._entra.tenant(request)
        given = {name: request.query_params.get(name, "") for name in _KEPT}
        problem = self._problem(given)
        if problem:
            return _page("Sign in", _error(problem), 400)
        number = self._entra.world.switches["entra_error"]
        if number in ("65004", "access_denied"):
            return _leave(
                given, {"error": "access_denied", "error_description": EntraError(65004).body()["error_description"]}
            )
        return self._form(request, given, request.query_params.get("login_hint", ""))

    def _problem(self, given: dict[str, str]) -> EntraError | None:
        clients = self._entra.clients
        if given["client_id"].lower() not in (clients.confidential_id, clients.public_id):
            return EntraError(700016, f"Application '{given['client_id']}'.")
        if not allowed_redirect(given["redirect_uri"]):
            return EntraError(50011, f"'{given['redirect_uri']}'.")
        if "code" not in given["response_type"].split():
            return EntraError(90014, "response_type")
        return None

    def _form(
        self, request: Request, given: dict[str, str], username: str = "", problem: EntraError | None = None
    ) -> Response:
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
            for name, value in given.items()
            if value
        )
        action = f"/{request.path_params['tenant']}/login"
        return _page(
            "Sign in",
            f"""{_error(problem)}<form method="post" action="{action}">{hidden}{self._fields(username)}
<button name="answer" value="accept">Sign in and accept</button>
<button name="answer" value="deny">Cancel</button></form>""",
        )

    def _fields(self, username: str = "") -> str:
        user = self._entra.user
        return f"""<label>Account <input name="login" value="{html.escape(username or user["username"])}"></label>
<label>Password <input name="passwd" type="password" value=""></label>
<label>Code of the second factor <input name="otc" value="" inputmode="numeric"></label>
<p>The emulator's password is <code>{user["password"]}</code>, the code <code>{user["otp"]}</code>.</p>"""

    async def login(self, request: Request) -> Response:
        """The form comes back: sign in, then send the browser where the application waits."""
        self._entra.tenant(request)
        form = await read_form(request)
        given = {name: form.get(name, "") for name in _KEPT}
        problem = self._problem(given)
        if problem:
            return _page("Sign in", _error(problem), 400)
        if form.get("answer") == "deny":
            return _leave(
                given, {"error": "access_denied", "error_description": EntraError(65004).body()["error_description"]}
            )
        if not self._signed_in(form):
            return self._form(request, given, form.get("login", ""), EntraError(50126))
        code = self._entra.grants.new_code(
            Code(
                given["client_id"].lower(),
                given["redirect_uri"],
                given["code_challenge"],
                given["code_challenge_method"] or "plain",
                given["nonce"],
                self._entra.world.clock.timestamp(),
            )
        )
        answer = {"code": code, "session_state": new_guid()}
        if "id_token" in given["response_type"].split():
            issuer = self._entra.issuer(v2=True)
            answer["id_token"] = self._entra.world.tokens.id_token(
                given["client_id"], issuer, self._entra.user, given["nonce"]
            )
        return _leave(given, answer)

    def _signed_in(self, form: dict[str, str]) -> bool:
        user = self._entra.user
        right = form.get("login", "").lower() == user["username"] and form.get("passwd") == user["password"]
        return right and form.get("otc", "").strip() == user["otp"]

    async def device(self, request: Request) -> Response:
        """Where a person enters the code that the device shows."""
        self._entra.tenant(request)
        return self._device_form(request, request.query_params.get("otc", ""))

    def _device_form(self, request: Request, code: str = "", problem: EntraError | None = None) -> Response:
        return _page(
            "Enter code",
            f"""{_error(problem)}<form method="post" action="{request.url.path}">
<label>Code <input name="user_code" value="{html.escape(code)}"></label>{self._fields()}
<button name="answer" value="accept">Continue</button><button name="answer" value="deny">Cancel</button></form>""",
        )

    async def device_answer(self, request: Request) -> Response:
        self._entra.tenant(request)
        form = await read_form(request)
        device = self._entra.grants.device_by_user_code(form.get("user_code", ""))
        if device is None or device.state != "pending":
            return self._device_form(request, form.get("user_code", ""), EntraError(70018))
        if form.get("answer") == "deny":
            device.state = "declined"
            return _page("Enter code", "<p>The sign-in was declined.</p>")
        if not self._signed_in(form):
            return self._device_form(request, form["user_code"], EntraError(50126))
        device.state = "approved"
        return _page("Enter code", "<p>You have signed in on your device. You may now close this window.</p>")


def allowed_redirect(address: str) -> bool:
    """Loopback addresses with any port, and the address that native clients use."""
    parts = urlsplit(address)
    return address == _NATIVE or (
        parts.scheme in ("http", "https") and parts.hostname in ("localhost", "127.0.0.1", "::1")
    )


def _leave(given: dict[str, str], answer: dict[str, str]) -> Response:
    if given["state"]:
        answer["state"] = given["state"]
    if given["response_mode"] == "form_post":
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in answer.items()
        )
        address = html.escape(given["redirect_uri"])
        return _page(
            "Working",
            f"""<form method="post" action="{address}">{fields}<button>Continue</button></form>
<script>document.forms[0].submit()</script>""",
        )
    joint = "#" if given["response_mode"] == "fragment" else "&" if "?" in given["redirect_uri"] else "?"
    return RedirectResponse(f"{given['redirect_uri']}{joint}{urlencode(answer)}", 302)


def _error(problem: EntraError | None) -> str:
    return f'<p class="error">{html.escape(problem.body()["error_description"])}</p>' if problem else ""


def _page(title: str, content: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(title=title, content=content), status, headers={"Cache-Control": "no-store"})
