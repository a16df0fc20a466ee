# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The price of one task: a loop of pc_subscription that changes nothing, and of the least that would do as much."""

from __future__ import annotations

import itertools
import sys
from dataclasses import asdict, dataclass
from typing import Any

from server import Server
from ways import Bench

CUSTOMERS = 4
#: The loops are run in turn, so that a machine that gets busier does so for all of them.
_ROUNDS = 8
_TASKS = 5
#: In the order of the playbook.
_LOOPS = ("minimal module", "ansible.builtin.uri", "pc_subscription")


@dataclass(frozen=True)
class TaskCost:
    """
    Milliseconds of one task: those of all loops, the packing of the module that Ansible does once a play included, by
    the number of tasks. ``ratio``: over the minimal module's.
    """

    loop: str
    milliseconds: float
    ratio: float

    def __str__(self) -> str:
        return f"  {self.loop:<20} {self.milliseconds:6.0f} ms a task, {self.ratio:.2f} × the minimal module"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(bench: Bench, server: Server) -> list[TaskCost]:
    """One play. Raises Failed where a task fails."""
    server.prepare(0.0)
    changing = {job.subscription_id for job in server.changes}
    whole = [job for job in server.whole if job.friendly_name and "{" not in job.friendly_name]
    jobs = [asdict(job) for job in whole if job.subscription_id not in changing][:_TASKS]
    told, _cost, _modules = bench.playbook(
        "tasks.yml",
        server,
        bench_subscriptions=jobs,
        bench_rounds=_ROUNDS,
        bench_connection={**server.connection, "token_cache_path": str(bench.folder / "tokens.json")},
        # Not the Python that notes what each module costs, which would cost them all the same.
        ansible_python_interpreter=sys.executable,
    )
    notes, times = len(_LOOPS) + 1, [one["at"] for one in told]
    rounds = [times[start : start + notes] for start in range(0, len(times), notes)]
    spans = [[after - before for before, after in itertools.pairwise(one)] for one in rounds]
    costs = [sum(of_loop) * 1000 / (len(jobs) * len(rounds)) for of_loop in zip(*spans, strict=True)]
    return [TaskCost(loop, round(cost, 1), round(cost / costs[0], 3)) for loop, cost in zip(_LOOPS, costs, strict=True)]
