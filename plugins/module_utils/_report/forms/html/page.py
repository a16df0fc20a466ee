# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A report as one file of HTML, which asks nothing of any server. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ...model import FieldCount, NextStep, PolicyRow, Report
from ...texts import minute, number_of
from . import assets
from .charts import Chart, charts
from .notices import FailureNotice, Notice, failure_notices, notices
from .tables import PageTable, page_table
from .tiles import Banner, Tile, banners, run_remarks, tiles

_TOPICS: t.Final[t.Mapping[str, str]] = {
    "plan": "Plan of changes",
    "result": "Result of a run",
    "drift": "Drift check",
    "renewals": "Ends of terms",
}


@dataclass(frozen=True, slots=True)
class SettingCells:
    field: str
    changes: str
    undone: str
    tone: t.Literal["yes", "no", "until"]


@dataclass(frozen=True, slots=True)
class PolicyCells:
    name: str
    matched: str
    excluded: str
    fields: tuple[SettingCells, ...]
    remarks: str
    is_warned: bool


@dataclass(frozen=True, slots=True)
class PageContent:
    """All that the template says, in words. ``about``: names and values that tell which report it is."""

    kind: str
    title: str
    tenant: str
    headline: str
    about: tuple[tuple[str, str], ...]
    banners: tuple[Banner, ...]
    tiles: tuple[Tile, ...]
    remarks: tuple[str, ...]
    steps: tuple[NextStep, ...]
    failures: tuple[FailureNotice, ...]
    notices: tuple[Notice, ...]
    notices_title: str
    policies: tuple[PolicyCells, ...]
    charts: tuple[Chart, ...]
    table: PageTable


def html_form(report: Report) -> str:
    """The page: style, scripts and data are inside, under a policy that forbids every request."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup, escape

    page = page_of(report)
    style, scripts = assets.style(), assets.scripts(with_table=bool(page.table.rows))
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    # Names of settings are long words, which may be broken at their underscores.
    environment.filters["breakable"] = lambda text: escape(text).replace("_", Markup("_<wbr>"))
    template = environment.from_string(assets.asset_text(assets.TEMPLATE))
    # The style, the scripts and the table's JSON are ours, and end no element.
    return template.render(
        page=page,
        policy=assets.content_policy([style], scripts),
        style=Markup(style),  # noqa: S704
        scripts=[Markup(one) for one in scripts],  # noqa: S704
        data=Markup(page.table.to_json()),  # noqa: S704
    )


def page_of(report: Report) -> PageContent:
    found = report.changes
    return PageContent(
        kind=_TOPICS[report.topic],
        title=report.title,
        tenant=report.tenant,
        headline=f"{report.headline}.",
        about=tuple((name, value) for name, value in _identity(report) if value),
        banners=tuple(banners(report)),
        tiles=tuple(tiles(report)),
        remarks=tuple(run_remarks(report)),
        steps=report.steps,
        failures=tuple(failure_notices(report)),
        notices=tuple(notices(report)),
        notices_title="Look at these first" if report.is_plan or report.is_drift else "To know",
        policies=() if found is None else tuple(map(_cells_of_policy, found.policies)),
        charts=tuple(charts(report)),
        table=page_table(report),
    )


def _identity(report: Report) -> t.Iterator[tuple[str, str]]:
    yield "Made", minute(report.created)
    yield "Tenant", " ".join(filter(None, (report.tenant_name, report.tenant_id)))
    yield "Reference", report.reference
    yield "Digest of the plan", report.digest
    yield "Run", report.run_id
    if report.undoes is not None:
        undone = report.undoes
        known = [minute(undone.time) if undone.time else "", undone.reference]
        known += [number_of(undone.writes, "write")] if undone.writes is not None else []
        details = ", ".join(filter(None, known))
        yield "Undoes", f"{undone.id}{f' ({details})' if details else ''}"
    yield "Plan", report.plan_path
    yield "Journal", report.journal_path
    yield "Address", report.api_url


def _cells_of_policy(one: PolicyRow) -> PolicyCells:
    return PolicyCells(
        one.name,
        "" if one.matched is None else f"{one.matched:,}",
        f"{one.excluded:,}" if one.excluded else "",
        tuple(map(_cells_of_setting, one.fields)),
        "; ".join(one.remarks),
        bool(one.remarks) and not one.fields,
    )


def _cells_of_setting(one: FieldCount) -> SettingCells:
    tone: t.Literal["yes", "no", "until"] = (
        "yes" if one.undone == "yes" else "no" if one.undone in ("no", "partly") else "until"
    )
    return SettingCells(one.field, f"{one.changes:,}", one.undone, tone)
