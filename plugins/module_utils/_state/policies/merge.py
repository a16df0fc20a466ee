# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
PRIVATE. What several policies and an explicit item say of one subscription, merged into its desired values.

Placeholders for what is set at the same time (nickname, seats, partner) stand for the value it is set to, not for the
current one: otherwise a second run would change the subscription once more.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..._common.problems import InvalidInput, Refused
from .. import kinds, traits
from ..items import CONTACT
from ..model import Customer, Raw
from .assign import fill_in
from .templates import PLACEHOLDERS, Template, render


@dataclass(frozen=True, slots=True)
class Composed:
    """
    What is desired of one subscription.

    ``values`` and ``support_contact``: field -> checked value, as ``Desired.wanted`` takes them, what an explicit item
    gives included. ``set_by``: field (``support_contact`` is one) -> name of the policy that set it.
    """

    values: t.Mapping[str, t.Any] = field(default_factory=dict)
    support_contact: t.Mapping[str, t.Any] = field(default_factory=dict)
    set_by: t.Mapping[str, str] = field(default_factory=dict)
    #: What policies would set and this subscription cannot have.
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A setting that a policy does not make where a subscription cannot have it; ``reason`` completes a sentence."""

    policy: str
    field: str
    reason: str

    def __str__(self) -> str:
        return f"Policy {self.policy!r} sets {self.field}, {self.reason}"


@dataclass(frozen=True, slots=True)
class Setting:
    """What the policy of that name sets a field to; the value may hold Templates."""

    policy: str
    value: t.Any
    templated: bool


def merge(
    winners: t.Mapping[str, Setting],
    item: t.Mapping[str, t.Any],
    item_contact: t.Mapping[str, t.Any],
    customer: Customer,
    subscription: Raw,
) -> Composed:
    """
    ``winners``: field -> what the last policy that sets it says; ``item``, ``item_contact``: what the explicit item
    gives, which goes before.

    Raises Refused, naming the policies, where values contradict, a placeholder has no value, or what it turns into is
    no valid value.
    """
    given = {**item, CONTACT: item_contact} if item_contact else item
    settings = {name: setting for name, setting in winners.items() if name not in given}
    skipped = _impossible(settings, subscription)
    settings = {name: setting for name, setting in settings.items() if name not in {one.field for one in skipped}}
    merged = {name: setting.value for name, setting in settings.items()} | dict(given)
    if any(setting.templated for setting in settings.values()):
        merged |= _Filling(settings, given, customer, subscription).all()
    set_by = {name: setting.policy for name, setting in settings.items()}
    _refuse_contradiction(merged, set_by)
    return Composed(
        values={name: merged[name] for name in kinds.SUBSCRIPTION.names if name in merged},
        support_contact=merged.get(CONTACT) or {},
        set_by=set_by,
        skipped=skipped,
    )


def _impossible(settings: t.Mapping[str, Setting], subscription: Raw) -> tuple[Skipped, ...]:
    """What policies would set and the subscription cannot have."""
    reasons = {}
    if traits.is_usage_billed(subscription):
        reasons["quantity"] = "which subscriptions that are billed by usage do not take"
    if traits.is_new_commerce(subscription):
        for name, part in kinds.PARTS.items():
            if part.is_legacy_only:
                reasons[name] = "which subscriptions of new commerce do not have"
    return tuple(Skipped(setting.policy, name, reasons[name]) for name, setting in settings.items() if name in reasons)


def _refuse_contradiction(merged: t.Mapping[str, t.Any], set_by: t.Mapping[str, str]) -> None:
    for one in kinds.SUBSCRIPTION.contradictions(merged):
        first, second = (
            f"{name} (from {f'policy {set_by[name]!r}' if name in set_by else 'the item itself'})"
            for name in (one.first, one.second)
        )
        raise Refused(f"{first} {one.text.format(second)}.", "Exclude the subscription from one of them.")


class _Filling:
    """Fills in the templates of one subscription, those that others refer to first."""

    def __init__(
        self, settings: t.Mapping[str, Setting], given: t.Mapping[str, t.Any], customer: Customer, subscription: Raw
    ) -> None:
        self._settings = settings
        self._customer = customer
        self._subscription = subscription
        self._done: dict[str, t.Any] = dict(given)
        self._open: list[str] = []

    def all(self) -> dict[str, t.Any]:
        return {name: self._value(name) for name in self._settings}

    def _value(self, name: str) -> t.Any:
        if name in self._done:
            return self._done[name]
        setting = self._settings[name]
        if name in self._open:
            raise Refused(
                f"Policies fill in {' and '.join(sorted(set(self._open)))} with each other's values.",
                "Write one of them without a placeholder.",
            )
        self._open.append(name)
        self._done[name] = self._filled(name, setting) if setting.templated else setting.value
        self._open.remove(name)
        return self._done[name]

    def _filled(self, name: str, setting: Setting) -> t.Any:
        part = kinds.PARTS.get(name)
        values = {name: setting.value} if part is None else setting.value
        try:
            filled = fill_in(part or kinds.SUBSCRIPTION, values, self._rendered)
        except InvalidInput as error:
            option = error.option if part is None else f"{name}.{error.option}"
            raise Refused(
                f"Policy {setting.policy!r} cannot set {option} of this subscription: {error.message}", error.hint
            ) from error
        return filled[name] if part is None else filled

    def _rendered(self, template: Template) -> str:
        return render(template, self._placeholder)

    def _placeholder(self, name: str) -> str:
        if name in self._settings or name in self._done:
            return str(self._value(name))
        return PLACEHOLDERS[name](self._customer, self._subscription)
