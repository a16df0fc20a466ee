# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Which certificate authorities are trusted."""

from __future__ import annotations

import ssl
import typing as t
import warnings
from pathlib import Path

from ..._common import private_file
from ..errors import CredentialsError

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def trust(validate_certs: bool | None, ca_path: str | None, environment: t.Mapping[str, str]) -> bool | str:
    """
    What certificates are checked with, as requests takes it: its own bundle (True), one at a path, or nothing (False).

    The options beat ``REQUESTS_CA_BUNDLE`` and ``CURL_CA_BUNDLE``. Raises :class:`CredentialsError`.
    """
    if validate_certs is False:
        _silence_insecure_request_warning()
        return False
    given = {"ca_path": ca_path} if ca_path else {name: environment.get(name) for name in _CA_VARIABLES}
    for name, value in given.items():
        if value:
            try:
                path = private_file.resolved(value)
                is_there = path.exists()
            except OSError as error:
                reason = error.strerror or error
                raise CredentialsError(f"{name}: {value} cannot be used: {reason}") from None
            if not is_there:
                raise CredentialsError(f"{name} names a file that does not exist: {path}")
            _require_certificates(name, path)
            return str(path)
    return True


def _require_certificates(name: str, path: Path) -> None:
    if path.is_dir():
        return
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        why = "holds no certificate in PEM format that can be read"
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
    else:
        return
    raise CredentialsError(f"{name} names a file that {why}: {path}")


def _silence_insecure_request_warning() -> None:
    # The user asked for it with validate_certs: false; a warning a request on stderr would only bury the results.
    from urllib3.exceptions import InsecureRequestWarning

    warnings.filterwarnings("ignore", category=InsecureRequestWarning)
