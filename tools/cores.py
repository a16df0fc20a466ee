# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every ansible-core that the collection supports, for `make cores`: sanity, and the unit tests that meet Ansible.

`make test` has some of them, one for each Python; all of them would take more time than there is for each change.
Certification asks for sanity on 2.16, 2.18 and 2.20.
"""

from __future__ import annotations

from functools import partial

import ansible_tests
import pythons
import unit_tests
from running import Check

#: Release → the oldest Python of ours that runs it. The last one is a candidate.
CORES = {
    "2.16.19": "3.10",
    "2.17.14": "3.10",
    "2.18.19": "3.11",
    "2.19.14": "3.11",
    "2.20.10": "3.12",
    "2.21.5": "3.13",
    "2.22.0rc1": "3.13",
}
GROUP = "cores"


def checks() -> list[Check]:
    found = []
    for core, version in CORES.items():
        missing = "" if pythons.find(version) else f"there is no Python {version} here"
        found += [
            Check(
                f"sanity, ansible-core {core}",
                GROUP,
                partial(ansible_tests.sanity, version=version, core=core),
                missing,
            ),
            Check(f"units, ansible-core {core}", GROUP, partial(unit_tests.with_core, version, core), missing),
        ]
    return found
