# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = """
name: whole
type: stdout
short_description: Everything as one JSON document on standard output
description: For tests of what else is written there.
author: csp.partner_center contributors (@csp-automation)
"""

import json
import typing as t

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "whole"

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, t.Any]] = {}

    def v2_runner_on_ok(self, result: t.Any, failed: bool = False) -> None:
        host, task = result._host.get_name(), result._task.get_name()
        told = json.loads(self._dump_results(result._result, keep_invocation=True))
        self.found.setdefault(host, {})[task] = {**told, "failed": failed}

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self.v2_runner_on_ok(result, failed=True)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        self._display.display(json.dumps(self.found))
