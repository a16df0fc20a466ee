# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one path, driven in this process against the emulator: real requests over TLS, waits that move a clock."""

from __future__ import annotations

import typing as t

from ansible_collections.csp.partner_center.plugins.module_utils._api.client import PartnerCenter
from ansible_collections.csp.partner_center.plugins.module_utils._api.connect import connect
from ansible_collections.csp.partner_center.plugins.module_utils._api.settings.connection import resolve_connection
from ansible_collections.csp.partner_center.plugins.module_utils._common.redaction import Redactor
from ansible_collections.csp.partner_center.plugins.module_utils._common.surroundings import Surroundings
from ansible_collections.csp.partner_center.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.csp.partner_center.plugins.module_utils._engine.runtime import Options, Runtime, drive
from ansible_collections.csp.partner_center.plugins.module_utils._state import kinds
from ansible_collections.csp.partner_center.plugins.module_utils._state.model import Desired, ResourceOutcome, Target

from ..emulators import Emulator


class EnginesTime(Surroundings):
    """Waits of the engine move the emulator's clock and ours; those of the client are real."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__()
        self.seconds = 0.0
        self._emulator = emulator

    def clock(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self._emulator.control("POST", "clock", {"advance": seconds})


class OnePath:
    """Carries out what modules ask for; waits move the emulator's clock and ours instead of sleeping."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.client = self.connect()
        self.time = EnginesTime(emulator)

    def connect(
        self, observer: t.Any = None, surroundings: Surroundings | None = None, **options: t.Any
    ) -> PartnerCenter:
        given = {name: value for name, value in {**self.emulator.connection, **options}.items() if value is not None}
        return connect(resolve_connection(given, {}), redactor=Redactor(), observer=observer, surroundings=surroundings)

    @property
    def seconds(self) -> float:
        return self.time.seconds

    @seconds.setter
    def seconds(self, value: float) -> None:
        self.time.seconds = value

    def wait(self, seconds: float) -> None:
        self.time.sleep(seconds)

    def set(
        self,
        ids: tuple[str, str] | None,
        kind: str = "subscription",
        *,
        check_mode: bool = False,
        validate_reseller: bool = True,
        expect: t.Mapping[str, t.Any] | None = None,
        options: Options | None = None,
        **values: t.Any,
    ) -> ResourceOutcome:
        target = Target(kind, *ids) if ids else Target(kind)
        desired = Desired(
            target, kinds.of(kind).check_settings(values), expect=kinds.of(kind).check_expected(expect or {})
        )
        runtime = Runtime(self.client, options or Options(), surroundings=self.time)
        steps = reconcile(desired, runtime, check_mode=check_mode, validate_reseller=validate_reseller)
        return drive(steps, self.time)
