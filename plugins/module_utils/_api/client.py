# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. Partner Center's resources as methods.

Resources come back exactly as received: parsed JSON with its key case, date strings, unknown fields and key order.
"""

from __future__ import annotations

import json
import re
import typing as t
import uuid
from urllib.parse import urlencode

from .._common.case import get
from .._common.surroundings import Surroundings
from . import answers
from .auth.tokens import ReadyToken, SignedIn, TokenSource
from .errors import ApiError, AppUserRequired
from .operation import application_header, if_match_header, new_id
from .paths import join
from .transport import Answer, Transport

Resource = dict[str, t.Any]

#: Customers a page. Microsoft's own bulk tools ask for as many; no larger page is known.
PAGE_SIZE = 500

_SUPPORT_PROFILE = "/profiles/support"
# Microsoft's page "Update support profile" names this path, every client it shipped uses the other.
_SUPPORT_PROFILE_OF_THE_PAGE = "/profiles/supportprofile"

# What a 404 says when not the contact is missing, but the subscription or the customer it would belong to.
_MISSING_PARENT_CODES = frozenset({"20003", "60002", "60003", "800021", "900118"})
_MISSING_PARENT = re.compile(r"\b(subscription|customer|tenant)\b", re.IGNORECASE)
_CONTACT = re.compile(r"\bsupport\s*contact\b", re.IGNORECASE)


class PartnerCenter:
    """
    The API. Thread safe. Methods raise what ``Transport.read`` and ``Transport.write`` raise, and the App+User-only
    ones :class:`AppUserRequired` before anything is sent.
    """

    def __init__(
        self,
        transport: Transport,
        tokens: ReadyToken | TokenSource,
        surroundings: Surroundings,
        *,
        has_extended_terms: bool = True,
    ) -> None:
        self._transport = transport
        self._tokens = tokens
        #: What its waits depend on; threads that use it are started there, too.
        self.surroundings = surroundings
        #: Whether the cloud has extended service terms.
        self.has_extended_terms = has_extended_terms

    @property
    def mode(self) -> str:
        """``app_only``, ``app_user``, or ``unknown`` for a ready access token."""
        return self._tokens.mode

    def require_user(self, what: str = "The support contact of a subscription") -> None:
        """Raises AppUserRequired where the credentials are app-only, for a caller that will need a user's later."""
        if self.mode == "app_only":
            raise AppUserRequired(what)

    def tenant_id(self) -> str | None:
        """
        The GUID of the partner's tenant in lower case, whatever form ``tenant_id`` has; None where neither it nor a
        token names one, and a domain where the token is opaque. Signs in where that takes it.
        """
        return self._tokens.tenant_id()

    def signed_in(self) -> SignedIn:
        """What is known of the token; signs in where that is still to be done. Raises ``CredentialsError``."""
        return self._tokens.signed_in()

    def new_request_id(self) -> str:
        """An id for one logical write; hand the same one in again when the identical write is repeated."""
        return new_id()

    def close(self) -> None:
        """Closes the connections; the object can be used again, with new ones."""
        self._transport.close()

    def customers(
        self,
        *,
        company_name: str | None = None,
        domain: str | None = None,
        indirect_reseller: str | None = None,
    ) -> t.Iterator[Resource]:
        """
        The customers, page by page (Microsoft: "Get a list of customers"). ``company_name`` and ``domain`` are
        prefixes without regard to case, ``indirect_reseller`` is a tenant id (App+User only). The server takes one
        filter; the second and third of them are applied here.
        """
        if indirect_reseller is not None:
            self.require_user("Listing the customers of an indirect reseller")
        return self._customers(company_name, domain, indirect_reseller)

    def customer(self, customer_id: str) -> Resource:
        """Microsoft: "Get a customer by ID"."""
        path = join("customers", customer_id)
        return self._object(path, "the customer", lambda body: answers.is_customer(body, customer_id))

    def subscriptions(self, customer_id: str) -> list[Resource]:
        """All subscriptions of a customer (Microsoft: "Get a list of subscriptions for a customer")."""
        return list(self._pages(join("customers", customer_id, "subscriptions")))

    def subscription(self, customer_id: str, subscription_id: str) -> Resource:
        """
        Microsoft: "Get a subscription by ID". Raises :class:`BadAnswer` for an answer that is not that subscription:
        what is read here is written back, and a body without its fields would reset them.
        """
        path = _subscription(customer_id, subscription_id)
        return self._object(path, "the subscription", lambda body: answers.is_subscription(body, subscription_id))

    def patch_subscription(
        self,
        customer_id: str,
        subscription_id: str,
        body: t.Mapping[str, t.Any],
        *,
        request_id: str,
        if_match: str | None = None,
        application: str | None = None,
    ) -> Answer:
        """
        Microsoft: "Update a subscription by ID". ``if_match`` is the resource's etag as received, ``application`` a
        change reference. A 202 carries ``Answer.location``.
        """
        headers = {**application_header(application), **if_match_header(if_match)}
        path = _subscription(customer_id, subscription_id)
        return self._write("PATCH", path, body, request_id, headers)

    def follow(self, location: str) -> Resource | None:
        """The resource behind a 202's ``Location``; None while the answer is empty or a 202 itself."""
        answer = self._transport.read(location, empty_allowed=True)
        if answer.status == 202 or answer.body is None:
            return None
        if not isinstance(answer.body, dict) or answers.is_fault(answer.body):
            raise self._transport.not_asked_for(answer, location, "what became of the write")
        return answer.body

    def support_contact(self, customer_id: str, subscription_id: str) -> Resource | None:
        """The support contact, None where there is none (Microsoft: "Get a subscription's support contact")."""
        self.require_user()
        path = _subscription(customer_id, subscription_id) + "/supportcontact"
        try:
            answer = self._transport.read(path, empty_allowed=True)
        except ApiError as error:
            if error.status == 404 and not _parent_is_missing(error):
                return None
            raise
        if answer.body is not None and not answers.is_contact(answer.body):
            raise self._transport.not_asked_for(answer, path, "the support contact")
        body: Resource | None = answer.body
        return body

    def put_support_contact(
        self,
        customer_id: str,
        subscription_id: str,
        body: t.Mapping[str, t.Any],
        *,
        request_id: str,
        application: str | None = None,
    ) -> Answer:
        """Microsoft: "Update a subscription's support contact"."""
        self.require_user()
        path = _subscription(customer_id, subscription_id) + "/supportcontact"
        return self._write("PUT", path, body, request_id, application_header(application))

    def support_profile(self) -> Resource:
        """The partner's own support profile (Microsoft: "Get support profile")."""
        self.require_user("The support profile")
        return self._object(_SUPPORT_PROFILE, "the support profile", answers.is_profile)

    def put_support_profile(
        self, body: t.Mapping[str, t.Any], *, request_id: str, application: str | None = None
    ) -> Answer:
        """
        Microsoft: "Update support profile". Where the path of the resource's own link is not known (404, 405), the
        path that the page names is tried with a request id of its own, the same one each time, which the answer tells.
        """
        self.require_user("The support profile")
        headers = application_header(application)
        try:
            return self._write("PUT", _SUPPORT_PROFILE, body, request_id, headers)
        except ApiError as error:
            if error.status not in {404, 405}:
                raise
            first = error
        path = _SUPPORT_PROFILE_OF_THE_PAGE
        try:
            own_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{request_id}/{path}"))
            return self._write("PUT", path, body, own_id, headers)
        except ApiError as error:
            if error.status not in {404, 405}:
                raise
        raise first

    def indirect_resellers(self, name: str | None = None) -> list[Resource]:
        """
        The partner's indirect resellers (Microsoft: "Retrieve a list of indirect resellers"); ``name`` filters by
        prefix without regard to case.
        """
        self.require_user("Listing the indirect resellers")
        query = {"relationship_type": "IsIndirectCloudSolutionProviderOf"}
        found = self._pages(f"/relationships?{urlencode(query)}")
        return [reseller for reseller in found if name is None or _starts(get(reseller, "name"), name)]

    def _customers(
        self, company_name: str | None, domain: str | None, indirect_reseller: str | None
    ) -> t.Iterator[Resource]:
        query: dict[str, t.Any] = {"size": PAGE_SIZE}
        filters = [("IndirectReseller", indirect_reseller), ("CompanyName", company_name), ("Domain", domain)]
        field, value = next((pair for pair in filters if pair[1] is not None), (None, None))
        if field is not None:
            condition = {"Field": field, "Value": value, "Operator": "starts_with"}
            query["filter"] = json.dumps(condition, ensure_ascii=False)
        known: set[str] = set()
        for customer in self._pages(f"/customers?{urlencode(query)}", seek=True):
            profile = get(customer, "companyProfile")
            profile = profile if isinstance(profile, dict) else {}
            if company_name is not None and not _starts(get(profile, "companyName"), company_name):
                continue
            if domain is not None and not _starts(get(profile, "domain"), domain):
                continue
            # A customer that moves between pages while they are read would come twice.
            customer_id = str(get(customer, "id") or "").lower()
            if customer_id and customer_id in known:
                continue
            known.add(customer_id)
            yield customer

    def _pages(self, path: str, *, seek: bool = False) -> t.Iterable[Resource]:
        # A task for one resource reads no collection.
        from .paging import Pages

        return Pages(self._transport, path, seek=seek)

    def _object(self, path: str, wanted: str, is_it: t.Callable[[Resource], bool]) -> Resource:
        answer = self._transport.read(path)
        if not is_it(answer.body):
            raise self._transport.not_asked_for(answer, path, wanted)
        body: Resource = answer.body
        return body

    def _write(
        self, method: str, path: str, body: t.Mapping[str, t.Any], request_id: str, headers: t.Mapping[str, str]
    ) -> Answer:
        answer = self._transport.write(method, path, body, request_id=request_id, headers=headers)
        if answer.status != 202 and answers.is_fault(answer.body):
            raise self._transport.refused_within(answer, method, path)
        return answer


def _subscription(customer_id: str, subscription_id: str) -> str:
    return join("customers", customer_id, "subscriptions", subscription_id)


def _parent_is_missing(error: ApiError) -> bool:
    said = error.description or ""
    return error.code in _MISSING_PARENT_CODES or bool(_MISSING_PARENT.search(said) and not _CONTACT.search(said))


def _starts(value: t.Any, prefix: str) -> bool:
    return isinstance(value, str) and value.casefold().startswith(prefix.casefold())
