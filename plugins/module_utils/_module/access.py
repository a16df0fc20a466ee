# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What the credentials are good for: each area of the API is asked once, with the cheapest read there is."""

from __future__ import annotations

import itertools
import typing as t

from .._api.errors import ApiError, AppUserRequired, CredentialsError, PartnerCenterError
from .._common import case

if t.TYPE_CHECKING:
    from .._api.client import PartnerCenter

OK: t.Final = "ok"

#: A customer can refuse for reasons of its own (the relationship ended), or have no subscription: so many are asked.
_CUSTOMERS = 5


def access(client: PartnerCenter) -> dict[str, str]:
    """
    Area → ``ok``, the error with what to do about it, or why the area could not be tried.

    Each is judged by its own answer; only a refused sign-in or token is the same everywhere, and not tried again.
    """
    return _AreaChecks(client).results()


class _AreaChecks:
    def __init__(self, client: PartnerCenter) -> None:
        self._client = client
        self._customers: list[str] = []
        self._subscription: tuple[str, str] | None = None
        self._everywhere: str | None = None
        self._no_customer = "not tried: no customer could be listed"
        self._no_subscription = "not tried: no subscription could be listed"

    def results(self) -> dict[str, str]:
        areas: dict[str, t.Callable[[], str]] = {
            "customers": self._list_customers,
            "subscriptions": self._list_subscriptions,
            "support_contact": self._support_contact,
            "support_profile": self._support_profile,
            "indirect_resellers": self._indirect_resellers,
        }
        return {area: self._tried(ask) for area, ask in areas.items()}

    def _tried(self, ask: t.Callable[[], str]) -> str:
        if self._everywhere is not None:
            return self._everywhere
        try:
            return ask()
        except PartnerCenterError as error:
            if _is_of_all_areas(error):
                self._everywhere = str(error)
            return str(error)

    def _list_customers(self) -> str:
        found = list(itertools.islice(self._client.customers(), _CUSTOMERS))
        self._customers = [case.text(one, "id") for one in found if case.text(one, "id")]
        if found:
            self._no_customer = "not tried: no customer is listed with an id"
        return OK

    def _list_subscriptions(self) -> str:
        if not self._customers:
            return self._no_customer
        refused: ApiError | None = None
        answered = False
        for customer in self._customers:
            try:
                found = self._client.subscriptions(customer)
            except ApiError as error:
                if not error.is_unavailable:
                    raise
                refused = refused or error
                continue
            answered = True
            ids = [case.text(one, "id") for one in found if case.text(one, "id")]
            if ids:
                self._subscription = (customer, ids[0])
                return OK
            if found:
                self._no_subscription = "not tried: no subscription is listed with an id"
        if refused is not None and not answered:
            raise refused
        return OK

    def _support_contact(self) -> str:
        # Without a subscription the client's own refusal still comes first.
        customer, subscription = self._subscription or ("", "")
        if not subscription and self._client.mode != "app_only":
            return self._no_subscription
        self._client.support_contact(customer, subscription)
        return OK

    def _support_profile(self) -> str:
        self._client.support_profile()
        return OK

    def _indirect_resellers(self) -> str:
        self._client.indirect_resellers()
        return OK


def _is_of_all_areas(error: PartnerCenterError) -> bool:
    if isinstance(error, ApiError):
        return error.status == 401
    return isinstance(error, CredentialsError) and not isinstance(error, AppUserRequired)
