"""One chair at a glance: the loop, the safety chain, the board."""

from collections.abc import Mapping

from grafana_foundation_sdk.builders import common, dashboard, prometheus, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef

DATASOURCE = DataSourceRef(type_val="prometheus", uid="calmloop")
"""As compose/monitoring/grafana/provisioning/datasources names it."""
WIDTH, HEIGHT = 8, 8
"""Of a panel: three beside one another."""


def rendered() -> str:
    """The dashboard as JSON."""
    board = (
        dashboard.Dashboard("Calmloop: one chair")
        .uid("calmloop-chair")
        .tags(["calmloop"])
        .refresh("5s")
        .time("now-30m", "now")
        .timezone("browser")
    )
    for title, panels in ROWS.items():
        board = board.with_row(dashboard.Row(title))
        for name, (unit, queries) in panels.items():
            board = board.with_panel(_panel(name, unit, queries))
    return JSONEncoder(sort_keys=True, indent=2).encode(board.build()) + "\n"


def _panel(title: str, unit: str, queries: Mapping[str, str]) -> timeseries.Panel:
    panel = (
        timeseries.Panel()
        .title(title)
        .unit(unit)
        .datasource(DATASOURCE)
        .span(WIDTH)
        .height(HEIGHT)
        .tooltip(common.VizTooltipOptions())
    )
    for legend, expression in queries.items():
        query = prometheus.Dataquery().expr(expression).legend_format(legend)
        panel = panel.with_target(query.datasource(DATASOURCE))
    return panel


def _quantile(share: float, histogram: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    rate = f"rate(calmloop_{histogram}_bucket[$__rate_interval])"
    return f"histogram_quantile({share}, sum by ({labels}) ({rate}))"


def _rate(counter: str, by: str) -> str:
    return f"sum by ({by}) (rate(calmloop_{counter}_total[$__rate_interval]))"


def _increase(counter: str, by: str) -> str:
    return f"sum by ({by}) (increase(calmloop_{counter}_total[$__rate_interval]))"


Panels = dict[str, tuple[str, dict[str, str]]]
LOOP: Panels = {
    "Latency from the frame, 95 of 100": (
        "s",
        {"{{to}}": _quantile(0.95, "latency_seconds", "to")},
    ),
    "Frames": (
        "hertz",
        {
            "judged": "rate(calmloop_frames_total[$__rate_interval])",
            "passed over": "rate(calmloop_frames_skipped_total[$__rate_interval])",
        },
    ),
    "Emotions": ("hertz", {"{{label}}": _rate("emotions", "label")}),
    "Unknown, by reason": ("hertz", {"{{reason}}": _rate("emotions_unknown", "reason")}),
    "Intensity": (
        "percentunit",
        {
            "intensity": "calmloop_session_intensity_ratio",
            "ceiling": "calmloop_session_ceiling_ratio",
            "applied: {{channel}}": "calmloop_chair_applied_ratio",
        },
    ),
    "Session": (
        "short",
        {
            "{{phase}}": "calmloop_session_phase == 1",
            "changed: {{change}}": _increase("session_changes", "change"),
        },
    ),
}
CHAIN: Panels = {
    "Lease, there and back (void after 0.5 s)": (
        "s",
        {
            "50 of 100": _quantile(0.5, "lease_round_trip_seconds"),
            "99 of 100": _quantile(0.99, "lease_round_trip_seconds"),
        },
    ),
    "Serial line": (
        "short",
        {
            "{{error}}": _increase("link_errors", "error"),
            "frames {{direction}} a second": _rate("link_frames", "direction"),
        },
    ),
    "Stops": (
        "short",
        {
            "latched": "calmloop_stop_latched",
            "lease withheld": "calmloop_lease_withheld",
            "{{cause}}": _increase("stops", "cause"),
        },
    ),
    "Alarms": (
        "short",
        {
            "{{kind}}": "calmloop_alarm_active == 1",
            "{{kind}}, unseen": "calmloop_alarm_unacknowledged == 1",
        },
    ),
    "Services that are not well": (
        "short",
        {
            "{{service}} is lost": "calmloop_service_up == 0",
            "{{service}} is not well": "calmloop_service_healthy == 0",
        },
    ),
    "Refused, dropped, failed": (
        "hertz",
        {
            "{{service}}: {{counter}}": _rate("service_events", "service, counter"),
            "{{service}} refused": _rate("messages_rejected", "service"),
        },
    ),
}
BOARD: Panels = {
    "Temperature": ("celsius", {"{{zone}}": "calmloop_board_temperature_celsius"}),
    "Throttling and frequency": (
        "percentunit",
        {
            "{{cause}}": "calmloop_board_throttled",
            "{{policy}}": "calmloop_board_cpu_frequency_hertz"
            " / calmloop_board_cpu_frequency_max_hertz",
        },
    ),
    "Room left": (
        "percentunit",
        {
            "disk": "calmloop_board_disk_free_bytes / calmloop_board_disk_size_bytes",
            "memory": 'sum(calmloop_board_memory_bytes{kind="available"})'
            ' / sum(calmloop_board_memory_bytes{kind="total"})',
        },
    ),
}
ROWS = {"The loop": LOOP, "The safety chain": CHAIN, "The board": BOARD}
