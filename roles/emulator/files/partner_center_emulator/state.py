# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state file: what differs from the generated fleet, and when the fleet was generated."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from .clock import parse
from .grants import Grants
from .keys import write
from .options import Options
from .store import Store
from .subscriptions.prices import Charge
from .subscriptions.record import Record
from .world import World

FORMAT = 1
# What the emulator knows of a subscription besides its resource.
_MEMORY = ("undecided_since", "suspended_since", "cancelled")


class StateError(Exception):
    """A state file that does not fit."""


def load(path: Path, options: Options) -> dict[str, Any] | None:
    """The saved state, or None where there is none yet.

    :raises StateError: for a file of another fleet, or one that is not ours
    """
    if not path.exists():
        return None
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
        made_of = {name: saved[name] for name in ("seed", "customers", "subscriptions_per_customer")}
        if saved["format"] != FORMAT:
            raise StateError(f"{path} has format {saved['format']}, not {FORMAT}")
    except (ValueError, KeyError, TypeError) as error:
        raise StateError(f"{path} is not a state file of the emulator: {error}") from None
    wanted = {
        "seed": options.seed,
        "customers": options.customers,
        "subscriptions_per_customer": options.subscriptions_per_customer,
    }
    if bool(saved.get("plain")) != options.plain:
        raise StateError(f"{path} belongs to a fleet {'with' if options.plain else 'without'} pitfalls")
    if made_of != wanted:
        raise StateError(f"{path} belongs to a fleet with {made_of}, not {wanted}")
    return dict(saved)


def epoch(saved: dict[str, Any]) -> datetime:
    return parse(saved["epoch"])


def save(path: Path, world: World, grants: Grants) -> None:
    content = {
        "format": FORMAT,
        "seed": world.fleet.seed,
        "customers": world.fleet.size,
        "subscriptions_per_customer": world.fleet.subscriptions_per_customer,
        "plain": world.fleet.plain,
        "epoch": world.fleet.epoch.isoformat(),
        "support_profile": world.store.support_profile,
        "ended": sorted(world.store.ended),
        "refresh_tokens": grants.save(),
        "subscriptions": [_kept(record) for record in list(world.store.loaded()) if record.dirty],
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(path, json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass"))


def restore(saved: dict[str, Any], world: World, grants: Grants) -> None:
    world.store.support_profile = saved["support_profile"]
    world.store.ended = set(saved["ended"])
    grants.load(saved["refresh_tokens"])
    for kept in saved["subscriptions"]:
        _put_back(world.store, kept)


def _kept(record: Record) -> dict[str, Any]:
    kept = {"customer": record.customer_id, "resource": record.resource, "contact": record.contact}
    if record.added:
        kept["added"] = {"kind": record.kind, "tags": record.tags, "most_seats": record.most_seats}
    kept["memory"] = {name: getattr(record, name) for name in _MEMORY}
    return {**kept, "charges": [charge.show() for charge in record.charges]}


def _put_back(store: Store, kept: dict[str, Any]) -> None:
    resource, added = kept["resource"], kept.get("added")
    if added:
        store.add(Record(kept["customer"], resource, added["kind"], tuple(added["tags"]), added["most_seats"]))
    record = store.records(store.fleet.customers[kept["customer"]])[resource["id"].lower()]
    record.resource, record.contact, record.dirty = resource, kept["contact"], True
    record.charges = tuple(Charge(**charge) for charge in kept.get("charges", ()))
    for name, value in kept.get("memory", {}).items():
        setattr(record, name, value)
