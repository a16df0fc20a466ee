# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the project's checks: all, or the named groups.

Usage: run_checks.py [lint|sanity|units|integration|molecule|galaxy|pythons|cores] …

Without a group, all but the last, which asks every ansible-core.

The last line is "N passed, M failed": each test of pytest counts, and each other check counts as one. Full output is in
.build/logs. The status is 0 only if nothing failed.
"""

from __future__ import annotations

import sys
import time

import cores
import stage
from checks import CHECKS
from running import run_all


def main(groups: list[str]) -> int:
    every = [*CHECKS(), *cores.checks()]
    known = {check.group for check in every}
    if unknown := set(groups) - known - {"molecule", "integration"}:
        print(f"No such checks: {', '.join(sorted(unknown))}.\n\n{__doc__}", file=sys.stderr)
        return 2
    start = time.monotonic()
    stage.stage()
    board = run_all([check for check in every if check.group in (groups or known - {cores.GROUP})])
    for reason in board.skipped:
        print(f"skipped {reason}")
    print(f"took    {time.monotonic() - start:.0f} s")
    print(f"{board.passed} passed, {board.failed} failed")
    return 1 if board.failed or not board.passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
