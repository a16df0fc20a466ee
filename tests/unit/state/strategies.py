# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Matches, customers and subscriptions for property tests, from few values, so that they often meet."""

from __future__ import annotations

import typing as t

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Customer

from .samples import CUSTOMER, INSTRUCTIONS, SUBSCRIPTION, legacy, new_commerce

#: A busy machine is no defect.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

IDS = [CUSTOMER, SUBSCRIPTION, CUSTOMER.upper()]
TEXTS = ["a", "Ab", "b c", "a,b", "{quantity}", "{0.__class__}", "x:y:z", ""]

#: What JSON can hold in any place.
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)

_ids = st.sampled_from(IDS)
_globs = st.sampled_from(["*", "a*", "?", "A?", "[ab]*", "b c", "x:*", "a,b"])
_words = st.sampled_from(["active", "Suspended", "monthly", "annual", "license", "usage", "P1Y", "P1M"])
_counts = st.integers(0, 30)

#: key -> single values of it
match_values: dict[str, st.SearchStrategy[t.Any]] = {
    **dict.fromkeys(["customer_id", "subscription_id", "parent_subscription_id", "indirect_reseller"], _ids),
    **dict.fromkeys(
        ["customer_name", "customer_domain", "offer_name", "offer_id", "product_id", "friendly_name", "partner_id"],
        _globs,
    ),
    **dict.fromkeys(["status", "billing_cycle", "billing_type", "term_duration"], _words),
    "product_type": st.sampled_from(["nce", "legacy"]),
    **dict.fromkeys(["auto_renew_enabled", "is_trial", "is_addon", "has_scheduled_changes"], st.booleans()),
    **dict.fromkeys(["end_of_term_decided", "in_extended_service_term"], st.booleans()),
    "end_of_term": st.sampled_from(["renew", "cancel", "extended_service_term", "lapse", "transition", "unknown"]),
    "quantity": st.fixed_dictionaries({"min": _counts})
    | st.fixed_dictionaries({"max": _counts})
    | st.fixed_dictionaries({"min": st.integers(0, 10), "max": st.integers(10, 30)}),
    "renews_within_days": st.integers(0, 60),
}

matches = st.fixed_dictionaries(
    {}, optional={name: value | st.lists(value, max_size=2) for name, value in match_values.items()}
).filter(bool)

customers = st.builds(Customer, _ids, st.sampled_from(TEXTS), st.sampled_from(TEXTS))

_texts = st.sampled_from([*TEXTS, None, ...])
_fields = st.fixed_dictionaries(
    {},
    optional={
        "id": _ids,
        "parentSubscriptionId": _ids | st.none(),
        **dict.fromkeys(["offerName", "offerId", "friendlyName", "partnerId"], _texts),
        "status": st.sampled_from(["active", "Suspended", "underReview", None]),
        "billingType": st.sampled_from(["license", "usage", None]),
        "billingCycle": st.sampled_from(["monthly", "Annual", None]),
        "autoRenewEnabled": st.sampled_from([True, False, None, ...]),
        "isTrial": st.sampled_from([True, False, None, ...]),
        "quantity": st.integers(0, 30) | st.sampled_from(["7", None, ..., 5.0]),
        "commitmentEndDate": st.sampled_from(["2026-11-25T00:00:00Z", "9999-12-10", "2026-11-01", "x", None, ...]),
        "scheduledNextTermInstructions": st.sampled_from([None, {}, INSTRUCTIONS]),
    },
)
subscriptions = _fields.flatmap(lambda changes: st.sampled_from([new_commerce(**changes), legacy(**changes)]))
