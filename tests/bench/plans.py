# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An approved plan of very many changes: applied from its file, as explicit items, and made by policies again."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

from profile_fleet import PLUGINS
from server import ROOT, Server
from ways import Bench, Failed

CHANGES = 100_000
#: As explicit items, more take very long, and more memory than many a machine has.
MOST_ITEMS = 20_000
_POLICIES = [
    {"name": "names", "match": {"status": "active"}, "set": {"friendly_name": "{customer_name} - {offer_name}"}}
]


@dataclass(frozen=True)
class PlanCost:
    """
    Of the module's process, from start to end. ``ratio``: seconds over those of the policies. The playbook's own
    ``playbook_peak_mb`` is mostly the result.
    """

    way: str
    changes: int
    seconds: float
    peak_mb: float
    playbook_seconds: float
    playbook_peak_mb: float
    ratio: float

    def __str__(self) -> str:
        return (
            f"  {self.way:<10} {self.changes:,} changes in {self.seconds:.1f} s ({self.ratio:.2f} × policies), "
            f"{self.peak_mb:.0f} MB; playbook {self.playbook_seconds:.1f} s, {self.playbook_peak_mb:.0f} MB"
        )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(bench: Bench, server: Server) -> list[PlanCost]:
    """Policies, the plan that they make, and its items. Raises Failed where a way does not make the changes."""
    sys.path[:0] = [str(ROOT / ".build")]
    from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_file import plan_file
    from ansible_collections.csp.partner_center.plugins.module_utils._state.records.plan_items import to_desired

    server.prepare(0.0)
    result = _planned(bench, server)
    place = result["tenant_id"], result["api_url"]
    content = plan_file(*place, datetime.now(timezone.utc), result["plan"], summary=result["summary"])
    path = bench.folder / "plan.json"
    path.write_text(json.dumps(content, indent=4, sort_keys=True), encoding="utf-8")
    ways: dict[str, dict[str, Any]] = {
        "policies": {"bench_policies": _POLICIES},
        "plan file": {"bench_plan": str(path)},
    }
    if len(content["changes"]) <= MOST_ITEMS:
        ways["items"] = {"bench_items": to_desired(content)}
    found: list[PlanCost] = []
    for way, variables in ways.items():
        server.prepare(0.0)
        told, whole, modules = bench.playbook("plan.yml", server, **variables)
        if told[0]["changed"] != len(content["changes"]) or told[0]["failed"]:
            raise Failed(f"{way} did not make the changes: {told[0]}")
        module = max(modules, key=lambda one: float(one["seconds"]))
        own = module["seconds"], module["peak_mb"], whole["seconds"], whole["peak_mb"]
        first = found[0].seconds if found else module["seconds"]
        found.append(PlanCost(way, told[0]["changed"], *own, round(module["seconds"] / first, 3)))
    return found


def _planned(bench: Bench, server: Server) -> dict[str, Any]:
    """What the module plans, without Ansible."""
    arguments = bench.folder / "arguments.json"
    given = {**server.connection, "policies": _POLICIES, "_ansible_check_mode": True}
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), encoding="utf-8")
    paths = f"sys.path.insert(0, {str(ROOT / '.build')!r}); sys.argv = ['pc_fleet', {str(arguments)!r}]"
    script = f"import runpy, sys; {paths}; runpy.run_module('{PLUGINS}.modules.pc_fleet', run_name='__main__')"
    output, _cost, _modules = bench.run([sys.executable, "-c", script])
    planned: dict[str, Any] = json.loads(output.splitlines()[-1])
    return planned
