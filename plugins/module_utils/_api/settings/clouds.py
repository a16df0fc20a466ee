# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. The national clouds of Partner Center.

API address, sign-in authority and token resource are chosen together but are independent of each other: US Government
and Germany share the worldwide API address and differ in the authority only (Microsoft: "Partner Center REST URLs").
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

DEFAULT_CLOUD = "global"


@dataclass(frozen=True, slots=True)
class Cloud:
    """One national cloud: addresses without a trailing slash, and the resource that a token must be issued for."""

    name: str
    api_url: str
    authority_url: str
    resource: str
    warning: str | None = None
    #: Whether subscriptions can go on in an extended service term here (Microsoft: "Extended service terms").
    has_extended_terms: bool = True

    @property
    def scope(self) -> str:
        """The scope that MSAL is asked for; ``.default`` serves app-only and user tokens alike."""
        return f"{self.resource}/.default"


_WORLDWIDE_API = "https://api.partnercenter.microsoft.com"
_CHINA_API = "https://partner.partnercenterapi.microsoftonline.cn"

CLOUDS: t.Final[t.Mapping[str, Cloud]] = {
    cloud.name: cloud
    for cloud in (
        Cloud("global", _WORLDWIDE_API, "https://login.microsoftonline.com", _WORLDWIDE_API),
        Cloud(
            "china_21vianet",
            _CHINA_API,
            "https://login.partner.microsoftonline.cn",
            _CHINA_API,
            has_extended_terms=False,
        ),
        Cloud("us_government", _WORLDWIDE_API, "https://login.microsoftonline.us", _WORLDWIDE_API),
        Cloud(
            "germany",
            _WORLDWIDE_API,
            "https://login.microsoftonline.de",
            _WORLDWIDE_API,
            warning="Microsoft closed the cloud 'germany' on 29 October 2021; 'global' holds what was moved.",
        ),
    )
}
