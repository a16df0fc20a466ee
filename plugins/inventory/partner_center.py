# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: partner_center
short_description: Use a partner's customers, or their subscriptions, as hosts
version_added: 1.0.0
author:
  - csp.partner_center contributors (@csp-automation)
description:
  - Reads the customers of a Microsoft CSP partner and their subscriptions from Partner Center, and makes a host of each
    customer, or of each subscription.
  - The file's name ends in C(partner_center.yml) or C(partner_center.yaml).
  - Tasks for these hosts run where Ansible runs, with the same Python.
  - It costs one request for each customer, one for every 500 customers to list them, and the sign-in. While the cache
    is valid, it sends nothing.
extends_documentation_fragment:
  - constructed
  - inventory_cache
  - csp.partner_center._connection
  - csp.partner_center._connection.plugin
options:
  plugin:
    description: Marks the file as one for this plugin.
    type: str
    required: true
    choices: [csp.partner_center.partner_center]
  hosts:
    description:
      - What becomes a host.
      - V(customers) makes a host of each customer, with C(pc_customer_id), C(pc_company_name), C(pc_domain), and
        C(pc_subscriptions), the list of its subscriptions.
      - V(subscriptions) makes a host of each subscription, with C(pc_subscription), and C(pc_customer_id),
        C(pc_company_name) and C(pc_domain) of its customer.
      - Subscriptions have the fields of the API in snake case, as far as O(fields) says.
    type: str
    choices: [customers, subscriptions]
    default: customers
  match:
    description:
      - Which subscriptions to include, with the keys of O(csp.partner_center.pc_fleet#module:policies[].match). All
        keys must match; a list means any of its values.
      - With a match, a customer is a host if at least one of its subscriptions matches, and C(pc_subscriptions) holds
        those that do. Without one, every customer is a host, even one without subscriptions.
      - An unknown key is an error. So is an empty match, and one that is given but null.
    type: dict
  fields:
    description:
      - The fields of the API that subscriptions have, in snake case, or V(all). One that a subscription lacks is null.
        C(id), C(friendly_name) and C(offer_name) are always there.
      - C(renewal) is worked out from the fields and says what happens when the term ends, as described for
        RV(csp.partner_center.pc_subscription_info#module:subscriptions[].renewal). V(all) has it, too.
      - A large fleet with all fields takes much memory, and time whenever Ansible looks at its variables.
      - By default C(quantity), C(status), C(auto_renew_enabled), C(billing_cycle), C(term_duration), C(partner_id),
        C(is_trial), and C(renewal). O(match) can use all fields, whichever these are.
    type: list
    elements: str
  on_unavailable:
    description:
      - What to do about a customer that cannot be read (403 or 404), such as one whose relationship has ended.
      - V(report) warns of it and leaves it out, V(fail) makes the inventory fail.
    type: str
    choices: [report, fail]
    default: report
  max_concurrency:
    description: How many requests may run at the same time.
    type: int
    default: 8
notes:
  - Connection options may be templates, for example with a lookup, and can use extra variables.
  - If a way to sign in is given in the file, the ways in the environment are ignored, as with modules.
  - The name of a customer's host is its domain, such as C(contoso.onmicrosoft.com). Without a domain, it is the company
    name and the first eight characters of the id, such as C(contoso-ltd_0c39d6d5). If two customers have the same
    domain, both names end in these characters.
  - The name of a subscription's host is that of its customer's and the subscription's id, such as
    C(contoso.onmicrosoft.com_83ef9d05-4169-4ef9-9657-0e86b1eab1de). A new nickname does not change it.
  - Names have only small letters, digits, C(.), C(-) and C(_), so that they can be used in C(--limit) as they are.
  - Text from the API is marked unsafe, so that it is never evaluated as a template.
  - Each file, O(match), O(fields), tenant and address of the API has its own cache. It is not written if a customer
    could not be read for a temporary reason.
seealso:
  - module: csp.partner_center.pc_fleet
"""

EXAMPLES = r"""
# customers.partner_center.yml: every customer is a host. The connection comes from the environment.
plugin: csp.partner_center.partner_center

# Customers with subscriptions that renew within 30 days, with the connection in the file, and cached for an hour.
# plugin: csp.partner_center.partner_center
# tenant_id: contoso.onmicrosoft.com
# client_id: 2f1b4c04-6b8b-4d0c-a8b0-3d5b8c1d6f55
# client_secret: "{{ lookup('ansible.builtin.file', '/run/secrets/partner_center') }}"
# match:
#   status: active
#   renews_within_days: 30
# cache: true
# cache_plugin: ansible.builtin.jsonfile
# cache_connection: ~/.cache/partner_center_inventory
# cache_timeout: 3600

# Subscriptions as hosts, in groups such as status_active, trials, and offer_microsoft_365_business_basic.
# plugin: csp.partner_center.partner_center
# hosts: subscriptions
# strict: true
# compose:
#   seats: pc_subscription.quantity
# groups:
#   trials: pc_subscription.is_trial
#   undecided: pc_subscription.renewal and not pc_subscription.renewal.decided
# keyed_groups:
#   - prefix: status
#     key: pc_subscription.status
#   - prefix: offer
#     key: pc_subscription.offer_name | lower
"""

import hashlib
import json
import os
import sys

from ansible import template
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.common.validation import check_type_path
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils._api.connect import connect
from ..module_utils._api.session import what_is_missing
from ..module_utils._api.settings.clouds import DEFAULT_CLOUD
from ..module_utils._api.settings.connection import DEFAULT_RETRIES, DEFAULT_TIMEOUT, resolve_connection
from ..module_utils._common.problems import Problem
from ..module_utils._common.redaction import Redactor
from ..module_utils._common.words import nearest, some
from ..module_utils._engine.reading.fleet import read_fleet
from ..module_utils._engine.runtime import utc_now
from ..module_utils._module.connection import CONNECTION, partner_tenant
from ..module_utils._module.hosts import customers_as_hosts, parse_hosts_fields, seen, subscriptions_as_hosts
from ..module_utils._state import checks
from ..module_utils._state.nulls import refuse_nulls
from ..module_utils._state.policies.match import parse_match

#: To be raised when what is cached gets another shape.
CACHE_FORMAT = 2
#: Since ansible-core 2.19, only text that is marked as trusted can be a template. Before, all that is not marked as
#: unsafe can; to mark a large fleet takes as long as everything else.
IS_UNMARKED_SAFE = hasattr(template, "trust_as_template")
#: How many unavailable customers a message names.
SHOWN = 3


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Options, cache and errors; what the hosts are is said in _module/hosts.py."""

    NAME = "csp.partner_center.partner_center"

    def verify_file(self, path):
        return super().verify_file(path) and path.endswith(("partner_center.yml", "partner_center.yaml"))

    def set_options(self, task_keys=None, var_options=None, direct=None):
        """
        Keeps the connection options of the file from Ansible's own checks: it would look at templates instead of their
        values, and show a wrong value, even that of a secret. They are checked with those of the environment instead,
        since which of them count depends on each other. There, a variable that is empty counts as not set; Ansible
        would miss it among the clouds. Nor may it refuse a variable that the file overrules.
        """
        others = {name: value for name, value in (direct or {}).items() if name not in CONNECTION}
        unread = {"cloud": DEFAULT_CLOUD, "timeout": DEFAULT_TIMEOUT, "retries": DEFAULT_RETRIES}
        super().set_options(task_keys, var_options, {**others, **unread})

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        config = self._read_config_data(path)
        self._refuse_unknown(config)
        redactor = Redactor()
        try:
            refuse_nulls(config, "match")
            fleet = self._fleet(config, path, cache, redactor)
        except Problem as error:
            raise AnsibleParserError(redactor.scrub(str(error))) from None
        self._tell_unavailable(fleet["unavailable"])
        as_hosts = {"customers": customers_as_hosts, "subscriptions": subscriptions_as_hosts}
        for host in as_hosts[self.get_option("hosts")](fleet["customers"]):
            self._add(host)

    def _refuse_unknown(self, config):
        """A misspelt match would be no match at all."""
        known = self.option_definitions
        unknown = sorted(str(name) for name in config if name not in known)
        meant = [near for near in (nearest(name, known) for name in unknown) if near]
        if unknown:
            advice = f" Did you mean {', '.join(meant)}?" if meant else ""
            raise AnsibleParserError(f"{', '.join(unknown)}: not an option of {self.NAME}.{advice}")

    def _fleet(self, config, path, cache, redactor):
        """Customers and unavailable ones, from the cache or from Partner Center."""
        wanted = self.get_option("match")
        match = None if wanted is None else parse_match("match", wanted)
        names = parse_hosts_fields("fields", self.get_option("fields"))
        threads = checks.whole_number("max_concurrency", self.get_option("max_concurrency"))
        settings = resolve_connection(self._given(config), os.environ)
        for warning in settings.warnings:
            self.display.warning(warning)
        key = self._cache_key(path, (wanted, names), settings) if self.get_option("cache") else None
        if key is not None and cache and (cached := self._cache.get(key)) is not None:
            return cached
        missing = what_is_missing(sign_in=settings.credentials.access_token is None)
        if missing is not None:
            raise AnsibleParserError(missing)
        client = connect(settings, redactor=redactor)
        try:
            found = read_fleet(client, match=match, threads=threads, now=utc_now())
        finally:
            client.close()
        for warning in found.warnings:
            self.display.warning(redactor.scrub(warning))
        fleet = {
            "customers": [
                seen(read, names, has_extended_terms=client.has_extended_terms)
                for read in found.customers
                if match is None or read.subscriptions
            ],
            "unavailable": [dict(one) for one in found.unavailable],
        }
        if key is not None and not found.may_pass:
            self._cache[key] = fleet
        return fleet

    def _given(self, config):
        """The connection options of the file, templates in them resolved."""
        self.templar.available_variables = self._vars
        given = {}
        for name, spec in CONNECTION.items():
            try:
                value = self.templar.template(config.get(name))
            except AnsibleError as error:
                raise AnsibleParserError(f"{name}: {error}") from None
            value = _plain(value)
            is_path = spec["type"] == "path" and isinstance(value, str)
            given[name] = check_type_path(value) if is_path else value
        return given

    def _cache_key(self, path, wanted, settings):
        """What another question, another partner or another address would answer is not taken for an answer."""
        asked = [CACHE_FORMAT, wanted, partner_tenant(settings), settings.api_url]
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
        return f"{self.get_cache_key(path)}_{digest[:16]}"

    def _tell_unavailable(self, unavailable):
        if not unavailable:
            return
        listed = some([f"{one['customer_id']}: {one['reason']}" for one in unavailable], SHOWN, "; ", "; ")
        told = f"Customers that cannot be read and are not in the inventory ({len(unavailable)}): {listed}"
        if self.get_option("on_unavailable") == "fail":
            raise AnsibleParserError(told)
        self.display.warning(told)

    def _add(self, host):
        variables = dict(host.variables) if IS_UNMARKED_SAFE else wrap_var(dict(host.variables))
        # Discovery would find another Python, without what the modules need.
        variables |= {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        self.inventory.add_host(host.name)
        for name, value in variables.items():
            self.inventory.set_variable(host.name, name, value)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, host.name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host.name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host.name, strict=strict)


def _plain(value):
    """A string as Python has it: Ansible's own kinds, from vaults and lookups, behave differently from it."""
    if getattr(value, "__ENCRYPTED__", False):
        value = str(value)
    return str.__str__(value) if isinstance(value, str) else value
