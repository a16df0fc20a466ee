# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. What every module says of check mode, diff mode and idempotence; for the use of this collection only."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/csp.partner_center.partner_center) in C(module_defaults) to set defaults for all modules.
    support: full
    membership:
      - csp.partner_center.partner_center
  check_mode:
    description: In check mode it predicts the change, and sends no PUT, PATCH or POST to the API.
    support: full
  diff_mode:
    description: Shows what has been changed, or would be changed in check mode.
    support: full
  idempotent:
    description: If it is run again with the same options, it changes nothing and sends no write.
    support: full
  platform:
    description: Where the module runs. It only talks to the API, so C(localhost) is the usual host.
    platforms: posix
    support: full
notes:
  - The module runs on the host of the play, usually C(localhost) (or C(delegate_to=localhost)), with a Python that has
    the requirements.
"""

    INFO = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/csp.partner_center.partner_center) in C(module_defaults) to set defaults for all modules.
    support: full
    membership:
      - csp.partner_center.partner_center
  check_mode:
    description: It only reads, and does the same in check mode.
    support: full
  diff_mode:
    description: It only reads, so there is no difference to show.
    support: N/A
  idempotent:
    description: It only reads.
    support: full
  platform:
    description: Where the module runs. It only talks to the API, so C(localhost) is the usual host.
    platforms: posix
    support: full
notes:
  - The module runs on the host of the play, usually C(localhost) (or C(delegate_to=localhost)), with a Python that has
    the requirements.
"""
