# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = """
name: elsewhere
short_description: This machine, but Ansible does not know it
description: For tests of what is different on another host.
author: csp.partner_center contributors (@csp-automation)
extends_documentation_fragment:
  - connection_pipelining
"""

from ansible.plugins.connection.local import Connection as Local


class Connection(Local):
    transport = "elsewhere"
