"""What the boards are made of: queries over the store and over metrics, panels, variables, links.

SQL here is read only and runs under the role hanhtrinh_reader. Its macros ($__timeFilter and the like) are those of
Grafana's PostgreSQL source. A column `time` is an instant; days are local ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import barchart, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders import common as shown
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common, units
from grafana_foundation_sdk.models import dashboard as model

STORE = model.DataSourceRef("grafana-postgresql-datasource", "hanhtrinh-store")
METRICS = model.DataSourceRef("prometheus", "hanhtrinh-metrics")
COUNT, SHARE, SECONDS, BYTES, RATE = (
    units.Short,
    units.PercentUnit,
    units.Seconds,
    units.BytesIEC,
    units.CountsPerSecond,
)
KM, KG, MOMENT = "lengthkm", "masskg", "dateTimeAsIso"
TIMEZONE = "Asia/Ho_Chi_Minh"
# Local days (days since 1970-01-01) of the time shown, as constants, so that the index of days is used.
_FIRST, _LAST = (f"($__unixEpochNano{end}() / 1000000000 + 25200) / 86400" for end in ("From", "To"))
DAYS = f"day BETWEEN {_FIRST} AND {_LAST}"
MIDNIGHT = "to_timestamp(day * 86400::bigint - 25200)"
# The desk's findings of the local days shown; what filters them follows with `&`.
FINDINGS = "${desk}/findings?from=${__from:date:YYYY-MM-DD}&to=${__to:date:YYYY-MM-DD}"
type Links = Mapping[str, str]


class _Query(Dataquery, Builder[Dataquery]):
    """A query of the store. The SDK has none for PostgreSQL; this is what Grafana's own editor writes."""

    def __init__(self, sql: str, form: str) -> None:
        self.sql, self.form = "\n".join(line.strip() for line in sql.strip().splitlines()), form

    def build(self) -> Dataquery:
        return self

    def to_json(self) -> dict[str, object]:
        return {"refId": "A", "datasource": STORE, "editorMode": "code", "format": self.form, "rawQuery": True,
                "rawSql": self.sql}  # fmt: skip


def stat_of(title: str, sql: str, unit: str = COUNT, about: str = "", width: int = 4) -> stat.Panel:
    """One number of the store; the name of the column is not shown."""
    return _stat(title, unit, about, width).datasource(STORE).with_target(_Query(sql, "table"))


def lines(
    title: str, sql: str, unit: str = COUNT, about: str = "", width: int = 12, bars: bool = False
) -> timeseries.Panel:
    """Columns over `time`, or one column by a text column beside it. bars: stacked, one upon another."""
    return _lines(title, unit, about, width, bars).datasource(STORE).with_target(_Query(sql, "time_series"))


def rows(
    title: str, sql: str, units_of: Mapping[str, str], links: Links | None = None, about: str = "", width: int = 24
) -> table.Panel:
    """A table. Args: units_of: unit of each column that has one. links: column to address."""
    panel = table.Panel().title(title).description(about).unit(units.LocaleFormat).span(width).height(9)
    panel.datasource(STORE).with_target(_Query(sql, "table"))
    for column in sorted({*units_of, *(links or {})}):
        properties = [model.DynamicConfigValue("unit", units_of[column])] if column in units_of else []
        if links and column in links:
            properties.append(model.DynamicConfigValue("links", [{"title": column, "url": links[column]}]))
        panel.override_by_name(column, properties)
    return panel


def columns(title: str, sql: str, unit: str = COUNT, about: str = "", width: int = 12) -> barchart.Panel:
    """Bars over the first column, which is text."""
    panel = barchart.Panel().title(title).description(about).unit(unit).span(width).height(8)
    return panel.datasource(STORE).with_target(_Query(sql, "table"))


def metric_stat(title: str, expr: str, unit: str = COUNT, about: str = "", width: int = 4) -> stat.Panel:
    return _stat(title, unit, about, width).datasource(METRICS).with_target(_expression("A", expr, "").instant())


def metric_lines(
    title: str, exprs: Mapping[str, str], unit: str = COUNT, about: str = "", width: int = 12
) -> timeseries.Panel:
    """Args: exprs: what each line is called ({{label}} stands for a label's value), and its expression."""
    panel = _lines(title, unit, about, width, bars=False).datasource(METRICS)
    for place, (name, expr) in enumerate(exprs.items()):
        panel.with_target(_expression(chr(ord("A") + place), expr, name).range())
    return panel


def choice(name: str, label: str, sql: str, several: bool = True) -> dashboard.QueryVariable:
    """A variable that the store gives the values of. several: any number of them, all at first: `IN ($name)`."""
    variable = dashboard.QueryVariable(name).label(label).datasource(STORE).query(sql)
    variable.refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(model.VariableSort.ALPHABETICAL_ASC)
    if several:
        variable.multi(True).include_all(True).current(model.VariableOption(selected=True, text="All", value="$__all"))
    return variable


def board_of(
    name: str, title: str, about: str, panels: Sequence[Builder[model.Panel]],
    variables: Sequence[dashboard.QueryVariable] = (), since: str = "now-7d",
) -> dashboard.Dashboard:  # fmt: skip
    """A board with links to the others and to the desk."""
    made = dashboard.Dashboard(title).uid(f"hanhtrinh-{name}").description(about).tags(["hanhtrinh"])
    made.timezone(TIMEZONE).readonly().time(since, "now").refresh("5m").week_start("monday")
    made.link(dashboard.DashboardLink("Bảng theo dõi").type(model.DashboardLinkType.DASHBOARDS).tags(["hanhtrinh"])
              .as_dropdown(True).keep_time(True))  # fmt: skip
    made.link(dashboard.DashboardLink("Bàn làm việc").type(model.DashboardLinkType.LINK).url("${desk}")
              .icon("external link").target_blank(True))  # fmt: skip
    made.with_variable(_desk())
    for variable in variables:
        made.with_variable(variable)
    for panel in panels:
        made.with_panel(panel)
    return made


def rendered(made: model.Dashboard) -> str:
    """The board as the file holds it, its panels numbered."""
    for number, panel in enumerate(made.panels or (), 1):
        panel.id_val = number
    return json.dumps(made, cls=JSONEncoder, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _desk() -> dashboard.QueryVariable:
    """Where the desk is, as set once: ALTER DATABASE hanhtrinh SET hanhtrinh.desk = 'https://...'."""
    sql = "SELECT coalesce(nullif(current_setting('hanhtrinh.desk', true), ''), 'http://127.0.0.1:8000')"
    return choice("desk", "Bàn làm việc", sql, several=False).hide(model.VariableHide.HIDE_VARIABLE)


def _stat(title: str, unit: str, about: str, width: int) -> stat.Panel:
    panel = stat.Panel().title(title).description(about).unit(unit).span(width).height(4)
    panel.reduce_options(shown.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields("/.*/"))
    return panel.graph_mode(common.BigValueGraphMode.NONE)


def _lines(title: str, unit: str, about: str, width: int, bars: bool) -> timeseries.Panel:
    panel = timeseries.Panel().title(title).description(about).unit(unit).span(width).height(8).min(0)
    panel.legend(shown.VizLegendOptions().show_legend(True).placement(common.LegendPlacement.BOTTOM)
                 .display_mode(common.LegendDisplayMode.LIST))  # fmt: skip
    if bars:
        panel.draw_style(common.GraphDrawStyle.BARS).fill_opacity(80)
        panel.stacking(shown.StackingConfig().mode(common.StackingMode.NORMAL).group("A"))
    return panel


def _expression(ref: str, expr: str, name: str) -> prometheus.Dataquery:
    query = prometheus.Dataquery().expr(expr).ref_id(ref)
    return query.legend_format(name) if name else query
