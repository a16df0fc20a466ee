# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When Partner Center refuses a change, with the codes of Microsoft's "Partner Center error codes" page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .. import catalog
from ..clock import parse
from ..errors import Refusal, bad_input
from ..fleet import Fleet
from ..switches import Switches
from . import actions
from .alignment import check_end_date
from .record import Record
from .scope import eligible, in_extended_term, is_licence, outcome, product_type
from .terms import term_months
from .views import END_OF_TERM
from .windows import open_seats, term_end


@dataclass(frozen=True, slots=True)
class Case:
    """One PATCH before its judges; ``auto_renew`` is what autoRenewEnabled will be afterwards.

    ``siblings`` are the customer's subscriptions.
    """

    record: Record
    parent: Record | None
    siblings: tuple[Record, ...]
    fleet: Fleet
    switches: Switches
    now: datetime
    auto_renew: bool

    @property
    def cancellable(self) -> bool:
        until = self.record.resource.get("cancellationAllowedUntilDate")
        return bool(until) and self.now < parse(str(until))


TRIAL_SEATS = 25
# Terms that Microsoft sells, in months.
TERMS = (1, 12, 36)
_WINDOW = {
    800090: "The quantity of the subscription cannot be decreased.",
    900257: "Seats can only be given back within {} days.",
    900214: "Seats can only be given back within {} * 24 hours.",
    900117: "The subscription can only be cancelled within {} days.",
    900213: "The subscription can only be cancelled within {} * 24 hours.",
}
Check = Callable[[Case, Any], None]


def check_state(case: Case, asked: dict[str, Any]) -> None:
    """What the status alone forbids."""
    status, record = case.record.status, case.record
    if status == "deleted":
        raise Refusal(400, 2011, "A deleted subscription cannot be updated.")
    if status in ("expired", "disabled"):
        raise Refusal(400, 900279, "Updates are no longer allowed for this subscription.")
    if status == "pending":
        raise Refusal(409, 800082, "The subscription is not ready to be updated, please try again later.")
    if status == "suspended" and set(asked) - {"status"}:
        if record.is_legacy and "quantity" in asked:
            raise Refusal(400, 2001, "The quantity cannot be changed while the subscription is suspended.")
        raise Refusal(400, 800091, "Cannot update a suspended subscription.")


def check_extended_term(case: Case, asked: dict[str, Any]) -> None:
    """An extended service term takes names, the reseller, its own end, and the way back; nothing else."""
    if not in_extended_term(case.record.resource):
        return
    stops = asked.get("status") in ("suspended", "active")
    if stops or {"quantity", "billingCycle", "termDuration", "nextChargeInstructions"} & set(asked):
        code = int(case.switches["est_modify_error"])
        raise Refusal(400, code, "The subscription cannot be changed while it is in an extended service term.")


def check_queue(case: Case, asked: dict[str, Any]) -> None:
    """Between the end of a term and the renewal nothing can be changed."""
    end = term_end(case.record.resource)
    if not asked or end is None or case.now <= end or case.record.status not in ("active", "suspended"):
        return
    if outcome(case.record.resource, case.switches) in ("cancel", "lapse"):
        raise Refusal(400, 900277, "The subscription is in the process of being expired.")
    raise Refusal(409, None, "The subscription is being renewed, please submit the request again after 2 minutes.")


def check_lock(case: Case, asked: dict[str, Any]) -> None:
    """What happens at the end of the term may be settled already some hours before it."""
    hours, end = case.switches["pre_end_lock_hours"], term_end(case.record.resource)
    if hours and end and set(asked) & set(END_OF_TERM) and end - timedelta(hours=hours) <= case.now <= end:
        raise Refusal(400, 900280, "Updates are currently not allowed for this subscription: its term is about to end.")


def check_one_change(case: Case, asked: dict[str, Any]) -> None:
    """One client reports that the service takes one changed property a request; the end of the term is one."""
    changes = {"endOfTerm" if name in END_OF_TERM else name for name in asked}
    if len(changes) > 1 and case.switches["one_change_per_patch"]:
        raise Refusal(400, 800002, f"One property can be changed at a time, not {', '.join(sorted(changes))}.")


def check_billing_cycle_alone(case: Case, asked: dict[str, Any]) -> None:
    """Within a term, only a licence for three years changes, between being billed by the month and by the year."""
    is_alone = "billingCycle" in asked and "termDuration" not in asked
    resource = case.record.resource
    if not is_alone or not is_licence(resource) or case.switches["billing_cycle_terms"] == "any":
        return
    cycles = {str(resource.get("billingCycle")).lower(), asked["billingCycle"]}
    if str(resource.get("termDuration")).upper() != "P3Y" or cycles != {"monthly", "annual"}:
        raise Refusal(400, 800097, "The billing cycle of this subscription cannot be updated.")


def check_friendly_name(case: Case, value: str) -> None:
    longest = case.switches["friendly_name_max_length"]
    if longest and len(value) > longest:
        raise bad_input(f"FriendlyName must not be longer than {longest} characters.")


def check_quantity(case: Case, value: int) -> None:
    record = case.record
    if record.is_usage or _is_modern_trial(record):
        raise Refusal(400, 800095, "The seats of this subscription cannot be updated.")
    _check_seats(record, value)
    fewer = int(record.resource["quantity"]) - value
    if fewer <= 0 or record.is_legacy:
        return
    if _is_software(record):
        raise Refusal(400, 800090, "The quantity of the subscription cannot be decreased.")
    if fewer > _reducible(case):
        code = int(case.switches["seat_window_error"])
        raise Refusal(400, code, _WINDOW[code].format(case.switches["refund_window_days"]))


def _is_modern_trial(record: Record) -> bool:
    return record.is_trial and not record.is_legacy


def _is_software(record: Record) -> bool:
    return product_type(record.resource).lower() == "software"


def _check_seats(record: Record, quantity: int) -> None:
    if not 1 <= quantity <= record.most_seats:
        raise Refusal(400, 2002, f"Quantity must be between 1 and {record.most_seats}.")


def _reducible(case: Case) -> int:
    """Seats that can be given back; without windows of their own, only while the whole subscription can."""
    if not case.switches["added_seats_reducible"] and not case.cancellable:
        return 0
    return sum(seats for seats, _until in open_seats(case.record.resource, case.now))


def check_status(case: Case, value: str) -> None:
    record = case.record
    if _is_modern_trial(record):
        raise Refusal(400, 800096, "The status of a trial cannot be updated.")
    if value == "deleted":
        _check_cancel(case)
    elif value == "suspended" and record.status == "active":
        if not record.is_legacy and case.switches["nce_suspend"] == "refused":
            raise Refusal(400, 800096, "The status of this subscription cannot be updated.")
    elif value == "active" and record.status == "suspended":
        if record.resource.get("suspensionReasons") and case.switches["microsoft_suspension"] == "kept":
            raise Refusal(400, 800096, "The subscription was suspended by Microsoft.")
        if case.parent and case.parent.status != "active":
            raise Refusal(409, 27009, "The subscription cannot be enabled while its parent is not active.")
    else:
        raise Refusal(400, 800040, f"The status cannot be changed from {record.status} to {value}.")


def _check_cancel(case: Case) -> None:
    record = case.record
    if record.is_legacy:
        return
    if record.is_usage:
        raise Refusal(403, 900115, "An Azure plan cannot be cancelled while it has active Azure subscriptions.")
    if _is_software(record):
        raise Refusal(400, 800096, "Software is cancelled with its order.")
    if not case.cancellable:
        hours = product_type(record.resource).lower() == "saas"
        code = 900213 if hours else int(case.switches["cancel_window_error"])
        raise Refusal(400, code, _WINDOW[code].format(case.switches["refund_window_days"]))


def check_auto_renew(case: Case, value: bool) -> None:
    if value and (case.record.is_usage or (case.record.is_trial and case.record.is_legacy)):
        raise Refusal(400, 800093, "The subscription is not eligible for auto-renew.")


def check_billing_cycle(case: Case, value: str) -> None:
    record = case.record
    if record.is_legacy:
        raise Refusal(400, 2054, "The billing cycle cannot be changed with the subscription, use the order.")
    if record.is_usage or record.is_trial or case.switches["billing_cycle_change"] == "refused":
        raise Refusal(400, 800097, "The billing cycle of this subscription cannot be updated.")
    if value in ("none", "unknown"):
        raise bad_input(f"{value} is not a billing cycle to change to.")


def check_term(case: Case, value: str) -> None:
    """Within a term it can only become longer."""
    months, current = term_months(value), term_months(str(case.record.resource.get("termDuration")))
    if case.record.is_trial:
        raise Refusal(400, 800107, "Term changes are not supported for trial offers.")
    if months not in TERMS:
        raise Refusal(400, 800121, f"The term duration {value} is not valid.")
    if current and months < current:
        raise Refusal(400, 800122, "The target term is shorter than the current one.")


def check_partner_id(case: Case, value: str) -> None:
    if value == case.fleet.mpn_id:
        raise Refusal(404, 2072, "The MPN id of an indirect provider cannot be partner on record.")
    if value and case.fleet.reseller_by_mpn(value) is None:
        raise Refusal(400, 800016, f"The MPN id {value} is not a valid indirect reseller.")


def check_instructions(case: Case, value: dict[str, Any]) -> None:
    if case.record.is_legacy or case.record.is_usage:
        raise Refusal(400, 2006, "Scheduled changes are not allowed for subscriptions of this offer.")
    _check_wanted(case, value)


def _check_wanted(case: Case, wanted: dict[str, Any]) -> None:
    """What instructions ask for, wherever they stand."""
    _check_seats(case.record, wanted["quantity"])
    if case.record.is_trial and wanted["quantity"] < TRIAL_SEATS:
        raise Refusal(400, 2002, f"A trial becomes a subscription of {TRIAL_SEATS} seats or more.")
    if case.switches["custom_term_end_check"] == "strict":
        check_end_date(case.record, wanted, case.siblings)
    product = wanted["product"]
    known = catalog.find(f"{product['productId']}:{product['skuId']}")
    current = known.offer_id.rpartition(":")[2] if known else None
    if case.switches["stale_availability"] == "refused" and product["availabilityId"] != current:
        raise Refusal(404, 400019, f"The availability {product['availabilityId']} was not found.")


def check_next_term(case: Case, value: dict[str, Any]) -> None:
    check_instructions(case, value)
    if not case.auto_renew:
        raise Refusal(400, 800093, "Scheduled changes need autoRenewEnabled to be true.")


def check_actions(case: Case, value: list[dict[str, Any]]) -> None:
    resource = case.record.resource
    if not is_licence(resource):
        raise Refusal(400, 2006, "Scheduled actions are not allowed for subscriptions of this offer.")
    if actions.find(value, actions.EXTEND) and not eligible(resource, case.switches):
        raise Refusal(400, 800093, "The subscription is not eligible for an extended service term.")
    if actions.find(value, *actions.RENEWING) and not case.auto_renew:
        raise Refusal(400, 800093, "An action that renews needs autoRenewEnabled to be true.")
    for item in value:
        if item.get("instructions"):
            _check_wanted(case, item["instructions"])
