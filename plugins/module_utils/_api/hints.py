# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What an operator can do about the refusals that users meet most.

Partner Center's codes are not unique, so a hint is found by HTTP status and code together
(Microsoft: "Partner Center REST error codes"). Entra's are found by their AADSTS number, then by the OAuth error.
"""

from __future__ import annotations

import typing as t

_USER_TOKEN = (
    "This operation works with App+User credentials only. Give refresh_token (secure application model), "
    "or an access_token that was issued for a user."
)
_SIGN_IN_AGAIN = "sign in again with MFA (playbook csp.partner_center.consent) and store the new refresh_token."
_ROLE = "The signed-in user or application lacks a role for this: Admin agent or Sales agent in Partner Center."
_STALE = "The resource was changed by someone else after it was read; read it again and repeat the change."
_LATER = "The subscription is not ready for changes yet; try again later."
_SUSPENDED = "Reactivate the subscription first (status: active)."
_WINDOW = "Outside the refund window seats can only be reduced for the renewal (scheduled_next_term_instructions)."

_TOO_LATE = (
    "The cancellation window is over. Set end_of_term: cancel to let the subscription end with its term (on software, "
    "legacy and trials auto_renew_enabled: false)."
)
_END_DATE = (
    "custom_term_end_date must be the end of a calendar month, or of another active licence of the customer, within "
    "the first term after the renewal."
)
_PROMOTION = "The promotion does not fit the product or term: give another promotion_id, or '' for none."

_API: t.Final[t.Mapping[tuple[int, str | None], str]] = {
    (400, "2000"): "An identifier in the request is malformed: ids must be GUIDs, an MPN id must be digits.",
    (400, "2001"): _SUSPENDED,
    (400, "2002"): "The quantity is outside the minimum and maximum of the offer.",
    (400, "2006"): "Microsoft does not allow this change for subscriptions of this offer.",
    (400, "2011"): "A deleted subscription cannot be changed; it has to be bought again.",
    (400, "2054"): "On a legacy subscription the billing cycle is changed through its order, not the subscription.",
    (400, "2055"): _STALE,
    (400, "2071"): "partner_id is not the MPN id of a partner that may be on record here.",
    (400, "3000"): "A property in the request is not valid; the description names it.",
    (400, "800012"): "The subscription is not active.",
    (400, "800016"): "The MPN id does not belong to one of the partner's indirect resellers.",
    (400, "800018"): "A limit of the integration sandbox is reached: 75 customers, 5 subscriptions each, 25 seats.",
    (400, "800021"): "The subscription id is not that of a valid subscription of this customer.",
    (400, "800063"): "Suspend the subscription instead (status: suspended).",
    (400, "800081"): _LATER,
    (400, "800082"): _LATER,
    (400, "800090"): _WINDOW,
    (400, "800091"): _SUSPENDED,
    (400, "800093"): "This subscription is not eligible for auto-renew.",
    (400, "800095"): "The seats of this subscription cannot be changed.",
    (400, "800096"): "The status of this subscription cannot be changed.",
    (400, "800097"): "The billing cycle of this subscription cannot be changed.",
    (400, "800107"): "The term of a trial cannot be changed.",
    (400, "800121"): "A term is one month (P1M), one year (P1Y) or three years (P3Y) long.",
    (400, "800122"): "A term can only become shorter with the renewal (scheduled_next_term_instructions).",
    (400, "800098"): "The partner on record of this subscription cannot be changed.",
    (400, "900117"): _TOO_LATE,
    (400, "900213"): _TOO_LATE,
    (400, "900214"): _WINDOW,
    (400, "900257"): _WINDOW,
    (400, "900244"): "Leave custom_term_end_date out: only licences of new commerce have one.",
    (400, "900245"): _END_DATE,
    (400, "900246"): _END_DATE,
    (400, "900277"): "The subscription is being ended and takes no more changes.",
    (400, "900280"): _LATER,
    (400, "27006"): _PROMOTION,
    (400, "27007"): _PROMOTION,
    (404, "400019"): "The availability is gone: look the current availability_id up, and give it.",
    (400, "900118"): "The customer id is not valid: it must be the customer's Entra tenant id.",
    (400, "900154"): "The MPN id is not linked to an active indirect reseller tenant.",
    (400, "900279"): "The subscription can no longer be changed.",
    (400, "900311"): (
        "The subscription has had all the 1,200 changes that Partner Center allows: ask Microsoft's support, or buy "
        "another one."
    ),
    (401, "800001"): "The token names no partner: tenant_id must be the partner's own tenant.",
    (401, "900420"): (
        "The token was issued for another resource. It must be for https://api.partnercenter.microsoft.com "
        "(China: https://partner.partnercenterapi.microsoftonline.cn); tokens for graph.windows.net are not accepted."
    ),
    (401, "900421"): (
        f"The token does not prove multi-factor authentication: turn MFA on for the user, then {_SIGN_IN_AGAIN}"
    ),
    (401, None): "The token was refused: check tenant_id, cloud and credentials; a ready access_token may be expired.",
    (403, "1002"): (
        "Partner Center refused the caller. Only direct-bill partners and indirect providers can use this API, an "
        "indirect reseller cannot; and only indirect providers have indirect resellers to list."
    ),
    (403, "2032"): _ROLE,
    (403, "20002"): "There is no reseller relationship with this customer (any more).",
    (403, "800039"): "The partner's reseller program is not active.",
    (403, "800073"): "Microsoft is reviewing this customer's account; wait for the review.",
    (403, "800074"): "Microsoft is reviewing this customer's account; wait for the review.",
    (403, "800075"): "Microsoft has not approved this customer's account.",
    (403, "800067"): "The subscription would exceed its maximum number of seats.",
    (403, "800088"): "The subscription would exceed its maximum number of seats.",
    (403, "900123"): "The indirect reseller has not accepted the Microsoft Partner Agreement.",
    (403, "900124"): "The partner has not accepted the Microsoft Partner Agreement; sign it in Partner Center.",
    (403, "900149"): "The partner's program status is not active.",
    (403, "900150"): _ROLE,
    (403, "900263"): "Microsoft does not offer this for legacy subscriptions.",
    (403, "900308"): "The granular admin relationship (GDAP) or the user's role does not allow this.",
    (403, "900309"): "A Conditional Access policy blocks this: exempt the integration account or meet the policy.",
    (403, "900329"): _USER_TOKEN,
    (403, "900416"): "The customer's account is locked for transactions.",
    (403, "90000"): "Entra refused a token behind the API: check consent, MFA and Conditional Access of the account.",
    (403, None): "The credentials may not do this: check role, consent, and the relationship with the customer.",
    (404, "20003"): "The customer has no subscription with this id.",
    (404, "20000"): "A new order can take about 15 minutes to show.",
    (404, "60003"): "There is no tenant with this customer id.",
    (404, "800015"): "No partner has this MPN id.",
    (404, "2072"): "The MPN id of an indirect provider cannot be the partner on record.",
    (409, "800082"): _LATER,
    (409, "27009"): "Reactivate the parent subscription first.",
    (409, "800014"): "A change of the order is still pending; try again later.",
    (409, "800060"): "An order is still in progress; try again later.",
    (409, "900278"): "Another operation on this subscription is pending; Microsoft may take up to 24 hours.",
    (412, None): _STALE,
    (417, "800036"): _STALE,
    (429, None): "Partner Center throttles for longer than is waited for: run it later, or set requests_per_minute.",
}


def unreachable_hint(cause: str, address: str, option: str, *, sent: bool) -> str:
    """
    What to check where a request did not leave, or was ``sent`` and had no answer. ``option``: what the address comes
    from.
    """
    lowered = cause.lower()
    if "is not trusted" in lowered:
        return f"Check ca_path (or validate_certs), and that {option} names the host in the server's certificate."
    if "proxy" in lowered or "tunnel" in lowered:
        return f"{address} is asked through a proxy: check HTTPS_PROXY and NO_PROXY, and what the proxy lets through."
    if any(text in lowered for text in ("gaierror", "name or service", "name resolution", "nodename")):
        return (
            f"The name in {address} is not known here: check {option} and cloud, the DNS, and whether a proxy is "
            "needed (HTTPS_PROXY)."
        )
    if sent:
        return f"Run it again later; if that does not help, check the network to {address}, and timeout."
    return (
        f"{address} cannot be reached: check {option}, the network and its firewall, and whether a proxy is needed "
        "(HTTPS_PROXY, NO_PROXY)."
    )


_LATER = "Entra is not available for the moment: run it again later."
_DECLINED = "The sign-in was cancelled, or the consent was declined: begin again."
_ENTRA: t.Final[t.Mapping[str, str]] = {
    "AADSTS50011": "redirect_uri is not registered with the application: add it in Entra, under Authentication.",
    "AADSTS50034": "The user does not exist in this tenant: check tenant_id.",
    "AADSTS50057": "The user account is disabled.",
    "AADSTS50058": f"The sign-in session is gone: {_SIGN_IN_AGAIN}",
    "AADSTS50076": f"Multi-factor authentication is needed: {_SIGN_IN_AGAIN}",
    "AADSTS50078": f"The multi-factor sign-in has expired: {_SIGN_IN_AGAIN}",
    "AADSTS50079": f"The user has to register for multi-factor authentication; then {_SIGN_IN_AGAIN}",
    "AADSTS50126": "User name or password is wrong.",
    "AADSTS50148": "The answer belongs to another sign-in than the one that was begun: begin again.",
    "AADSTS50173": f"The refresh_token was revoked (password changed?): {_SIGN_IN_AGAIN}",
    "AADSTS53003": (
        "Conditional Access blocks this sign-in: exempt the integration account or meet the policy. Device codes are "
        "often blocked: use authorization_code."
    ),
    "AADSTS54005": "The address of the sign-in page is good for one time: begin the sign-in again.",
    "AADSTS65001": (
        "Nobody has consented to this application: sign in once with the playbook csp.partner_center.consent, and see "
        "that the application has the API permission user_impersonation for Microsoft Partner Center."
    ),
    "AADSTS65004": _DECLINED,
    "AADSTS70000": "The refresh_token (or code) is malformed or was issued for another application or tenant.",
    "AADSTS70008": f"The refresh_token (90 days) or the code of a sign-in (10 minutes) has expired: {_SIGN_IN_AGAIN}",
    "AADSTS70020": "The code was not entered in time: begin the sign-in again.",
    "AADSTS70043": f"A policy (sign-in frequency) has ended the refresh_token: {_SIGN_IN_AGAIN}",
    "AADSTS700016": "The application is not known in this tenant: check client_id, tenant_id and cloud.",
    "AADSTS700021": "The client assertion is for another application: check client_id.",
    "AADSTS700024": "The client assertion has expired: check the clock, and that federated_token_file is renewed.",
    "AADSTS700027": "The certificate is not registered with the application: upload its public part in Entra.",
    "AADSTS700082": f"The refresh_token has expired (90 days unused): {_SIGN_IN_AGAIN}",
    "AADSTS700213": "No federated credential of the application matches the token in federated_token_file.",
    "AADSTS7000112": "The application is disabled in this tenant.",
    "AADSTS7000215": "The client_secret is wrong: give the secret's value, not its id.",
    "AADSTS7000218": (
        "The application has to prove itself: give a secret, certificate or federated token. For a device code, allow "
        "public client flows in the app registration."
    ),
    "AADSTS7000222": "The client_secret has expired: make a new one in Entra.",
    "AADSTS900023": "The tenant is not known: check tenant_id and cloud.",
    "AADSTS90002": "The tenant is not known: check tenant_id and cloud.",
    "AADSTS500011": "The tenant does not know Partner Center's resource: check cloud and tenant_id.",
    "AADSTS500113": "The application has no redirect address registered for this sign-in.",
    "access_denied": _DECLINED,
    "temporarily_unavailable": _LATER,
    "invalid_grant": f"The refresh_token is no longer accepted: {_SIGN_IN_AGAIN}",
    "invalid_client": "The application could not prove itself: check client_id and its secret or certificate.",
    "interaction_required": f"A user is needed: {_SIGN_IN_AGAIN}",
    "unauthorized_client": "The application may not use this grant in this tenant: check client_id and consent.",
    "invalid_scope": "The application may not ask for Partner Center: check its API permissions and cloud.",
    "invalid_resource": "The tenant does not know Partner Center's resource: check cloud and tenant_id.",
}


def api_hint(status: int, code: str | None) -> str | None:
    """What to do about a refusal of Partner Center, by status and code, else by status alone."""
    return _API.get((status, code)) or _API.get((status, None))


def entra_hint(error: str | None, codes: t.Iterable[str]) -> str | None:
    """What to do about a failed sign-in, by the first known ``AADSTS…`` code, else by the OAuth error."""
    for key in (*codes, error):
        if key is not None and key in _ENTRA:
            return _ENTRA[key]
    return None


def sign_in_hint(status: int | None) -> str:
    """What to do about a sign-in that failed without an error of Entra's own, by the answer's status if it says one."""
    if status == 429:
        return "Entra throttles sign-ins: run it again later. With token_cache_path, tasks and hosts share one sign-in."
    return _LATER if status == 408 or (status or 0) >= 500 else "Check authority_url, cloud and tenant_id."
