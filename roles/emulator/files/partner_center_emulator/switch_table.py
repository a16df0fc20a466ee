# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches as a table: name, default, allowed values (empty: any of the default's type), what it does."""

from __future__ import annotations

from typing import Any

# fmt: off
TABLE: tuple[tuple[str, Any, tuple[str, ...], str], ...] = (
    # The answers' dress
    ("bom", "documented", ("documented", "all", "off"),
     "UTF-8 byte order mark on success bodies: support contact and profiles, everything, nothing"),
    ("error_code_type", "number", ("number", "string"), "JSON type of an error's code"),
    ("echo_ids", True, (), "answers repeat MS-RequestId and MS-CorrelationId; false gives new ones"),
    ("auth_error_shape", "fault", ("fault", "gateway"),
     "body of a 401: an API fault, or the gateway's statusCode/message"),
    ("latency", 0.0, (), "real seconds added to every API answer"),
    # PATCH of a subscription
    ("absent_auto_renew", "reset", ("reset", "keep"), "autoRenewEnabled absent from a PATCH body: false, or as it was"),
    ("clear_instructions_by", "both", ("both", "omission", "null"),
     "how scheduledNextTermInstructions and nextChargeInstructions go: absent or null, absent only, null only"),
    ("schedule_drop", "all", ("all", "not_rename", "none"),
     "which immediate changes drop scheduled changes although the body carries them: all, all but friendlyName, none"),
    ("stale_if_match", "412", ("412", "2055", "417"), "a stale If-Match: 412, 400 with 2055, 417 with 800036"),
    ("nce_if_match", "ignore", ("ignore", "refuse"),
     "If-Match on a subscription without etag: ignored, or refused as stale"),
    ("billing_cycle_change", "immediate", ("immediate", "next_charge", "refused"),
     "billingCycle on new commerce: at once, at the next charge, 400 with 800097"),
    ("legacy_auto_renew", "applied", ("applied", "ignored"),
     "autoRenewEnabled on legacy: applied, or answered 200 without effect"),
    ("nce_suspend", "allowed", ("allowed", "refused"), "suspending new commerce: allowed, or 400 with 800096"),
    ("cascade_addons", "none", ("none", "cascade"),
     "suspending or cancelling a parent leaves its add-ons, or takes them along"),
    ("added_seats_reducible", True, (), "seats added in mid-term can be given back while their window is open"),
    ("refund_window_days", 7, (), "days in which new-commerce seats and subscriptions can be given back"),
    ("friendly_name_max_length", 0, (), "longest friendlyName, 0 for any"),
    ("list_omits", [], (), "fields that subscriptions lack in lists"),
    # Slow writes
    ("patch_answer", "200", ("200", "202"), "a PATCH is applied at once, or accepted for later"),
    ("accepted_delay", 5.0, (), "emulated seconds until an accepted PATCH is applied; negative: never"),
    ("accepted_location", "relative", ("relative", "v1", "absolute", "foreign", "none"), "Location of a 202"),
    ("accepted_outcome", "applied", ("applied", "lost"), "an accepted PATCH is applied in the end, or silently not"),
    ("pending_get", "old", ("old", "202", "204", "empty"),
     "GET while a PATCH is pending: old values, 202, 204, 200 without body"),
    ("pending_patch", "409", ("409", "apply"), "another PATCH meanwhile: 409 with 900278, or applied"),
    # Idempotency
    ("request_id_reuse", "replay", ("replay", "ignore", "conflict"),
     "a write with an MS-RequestId that was answered before: the stored answer, treated as new, 409"),
    ("request_id_seconds", 86400.0, (), "emulated seconds that an MS-RequestId is remembered"),
    # Customers and relationships
    ("max_page_size", 500, (), "largest page of customers"),
    ("last_page", "natural", ("natural", "plain", "token", "empty"),
     "token on the last page: only on a full one, never, always; where it leads: 400 with 2000, or an empty page"),
    ("continuation_in", ["header", "body", "link"], ("header", "body", "link"),
     "where the continuation token is given"),
    ("continuation_seconds", 0.0, (), "emulated seconds that a continuation token lives, 0 for ever"),
    ("next_link", "relative", ("relative", "v1", "absolute", "foreign"),
     "links.next: /customers, /v1/customers, absolute, another origin"),
    ("foreign_origin", "", (), "the other origin; empty: https://localhost and the emulator's own port"),
    ("total_count", "page", ("page", "all"), "totalCount of a page of customers: items in it, or all"),
    ("unknown_customer", "403", ("403", "404"),
     "a customer that is not the partner's: 403 with 20002, or 404 with 60003"),
    ("partner_type", "indirect_provider", ("indirect_provider", "direct", "indirect_reseller"),
     "who is calling: direct partners get 1002 from relationships, indirect resellers from everything"),
    # Support contact and profile
    ("support_contact_check", "strict", ("strict", "overwrite_name", "accept"),
     "PUT supportcontact: tenant, MPN id and name must belong to one reseller; the name is corrected; anything goes"),
    ("support_contact_none", "404", ("404", "null", "nulls", "partner", "empty"),
     "GET supportcontact where none is set"),
    ("support_profile_put", "both", ("both", "support", "supportprofile"), "paths below profiles that take the PUT"),
    ("support_profile_refusal", "405", ("405", "404"), "answer of the other path"),
    ("support_profile_absent", "clear", ("clear", "keep", "refuse"), "fields absent from the PUT: removed, kept, 400"),
    ("support_profile_check", "none", ("none", "strict"),
     "strict: website is a bare host name, email has an @, telephone digits"),
    # Throttling
    ("throttle_limit", 0, (),
     "requests per window, 0 for no limit (Microsoft documents 500 a minute for subscriptions)"),
    ("throttle_window", 60.0, (), "emulated seconds of a window"),
    ("throttle_scope", "partner", ("partner", "customer"),
     "who shares a limit: everything of the partner, or each customer's requests"),
    ("throttle_endpoints", "subscriptions", ("subscriptions", "all"),
     "what counts: subscription resources, or every request"),
    ("throttle_writes", 0, (), "a lower limit for writes alone, 0 for none"),
    ("retry_after", "seconds", ("seconds", "date", "none"), "Retry-After of a 429, on the client's clock"),
    # Sign-in
    ("mfa_enforcement", True, (), "App+User tokens without the MFA claim are refused with 401 and 900421"),
    ("token_mfa", True, (), "issued user tokens carry the MFA claim"),
    ("caller_role", "admin", ("admin", "none"), "none: every call is refused with 403 and 900150"),
    ("access_token_seconds", 3599, (), "lifetime of access tokens, on the emulator's clock"),
    ("refresh_token_days", 90, (), "lifetime of refresh tokens"),
    ("refresh_token_rotation", True, (), "every use of a refresh token returns a new one"),
    ("refresh_token_reuse", "allowed", ("allowed", "revoked"), "a used refresh token still works, or is revoked"),
    ("allow_public_client", True, (), "the confidential application may also sign in as a public client (device code)"),
    ("device_code_interval", 1, (), "seconds between a device's polls"),
    ("entra_error", "", (), "AADSTS number with which sign-ins are refused, such as 50076; empty for none"),
)
# fmt: on
