"""Each alert that ships fires on what it is for, after its time, and is over once that is."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.monitoring.prometheus import SHIPPED, promtool

pytestmark = pytest.mark.monitoring

FIRES_AT = "30m"
OVER_AT = "100m"
INTERVAL = "15s"
BAD = 120
"""For so many intervals, half an hour, something is wrong; then for longer nothing is."""
GOOD = 320


def level(series: str, bad: float, good: float) -> dict[str, str]:
    """A gauge that is bad, then good."""
    return {"series": series, "values": f"{bad}x{BAD} {good}x{GOOD}"}


def counter(series: str, bad: int, good: int) -> dict[str, str]:
    """A counter that grows by `bad` an interval, then by `good`."""
    end = bad * BAD
    return {"series": series, "values": f"0+{bad}x{BAD} {end}+{good}x{GOOD}"}


def histogram(name: str, labels: str, slow: str, fast: str) -> list[dict[str, str]]:
    """All that it counts is under `slow`, then under `fast`."""
    common = f'instance="a"{labels}'
    return [
        counter(f'{name}_bucket{{{common}, le="{fast}"}}', 0, 9),
        counter(f'{name}_bucket{{{common}, le="{slow}"}}', 9, 9),
        counter(f'{name}_bucket{{{common}, le="+Inf"}}', 9, 9),
    ]


SERVICE = '{instance="a", service="camera"}'
ALARM = '{instance="a", kind="distress", severity="critical"}'
EMOTION = 'calmloop_emotions_total{instance="a", label='
MEMORY = 'calmloop_board_memory_bytes{instance="a", kind='
WRONG: dict[str, list[dict[str, str]]] = {
    "CalmloopExporterDown": [level('up{job="calmloop", instance="a"}', 0, 1)],
    "CalmloopBrokerLost": [level('calmloop_exporter_connected{instance="a"}', 0, 1)],
    "CalmloopServiceLost": [level(f"calmloop_service_up{SERVICE}", 0, 1)],
    "CalmloopServiceUnwell": [
        level(f"calmloop_service_healthy{SERVICE}", 0, 1),
        level(f"calmloop_service_up{SERVICE}", 1, 1),
    ],
    "CalmloopAlarmUnacknowledged": [level(f"calmloop_alarm_unacknowledged{ALARM}", 1, 0)],
    "CalmloopStopsOften": [counter('calmloop_stops_total{instance="a", cause="stop"}', 1, 0)],
    "CalmloopLeaseSlow": histogram("calmloop_lease_round_trip_seconds", "", "0.4", "0.02"),
    "CalmloopLinkErrors": [counter('calmloop_link_errors_total{instance="a", error="lost"}', 1, 0)],
    "CalmloopLatencyHigh": histogram("calmloop_latency_seconds", ', to="setpoint"', "0.5", "0.1"),
    "CalmloopFramesSkipped": [
        counter('calmloop_frames_skipped_total{instance="a"}', 20, 0),
        counter('calmloop_frames_total{instance="a"}', 10, 20),
    ],
    "CalmloopFaceUnknown": [
        counter(f'{EMOTION}"unknown"}}', 9, 1),
        counter(f'{EMOTION}"neutral"}}', 1, 9),
        level('calmloop_session_phase{instance="a", phase="running"}', 1, 1),
    ],
    "CalmloopBoardHot": [
        level('calmloop_board_temperature_celsius{instance="a", zone="cpu"}', 85, 60)
    ],
    "CalmloopBoardThrottled": [
        level('calmloop_board_throttled{instance="a", cause="under_voltage"}', 1, 0)
    ],
    "CalmloopDiskFull": [
        level('calmloop_board_disk_free_bytes{instance="a"}', 5, 50),
        level('calmloop_board_disk_size_bytes{instance="a"}', 100, 100),
    ],
    "CalmloopMemoryShort": [
        level(f'{MEMORY}"available"}}', 5, 50),
        level(f'{MEMORY}"total"}}', 100, 100),
    ],
}
AGGREGATED = dict.fromkeys(
    (
        "CalmloopStopsOften",
        "CalmloopLeaseSlow",
        "CalmloopLinkErrors",
        "CalmloopLatencyHigh",
        "CalmloopFaceUnknown",
        "CalmloopMemoryShort",
    ),
    ("instance",),
)
"""Labels that are left where a rule sums over the others."""
RULES = {
    rule["alert"]: rule
    for rule in yaml.safe_load((SHIPPED / "alerts.yaml").read_text())["groups"][0]["rules"]
}


def test_each_alert_that_ships_is_tried() -> None:
    assert list(WRONG) == list(RULES)


def test_each_fires_on_what_it_is_for_and_is_over(tmp_path: Path) -> None:
    test = {
        "rule_files": [str(SHIPPED / "alerts.yaml")],
        "evaluation_interval": INTERVAL,
        "tests": [_tried(alert) for alert in WRONG],
    }
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(test))
    checked = promtool("test", "rules", tmp_path / "test.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _tried(alert: str) -> dict[str, Any]:
    """It is off at first, fires while something is wrong, and is off once nothing is."""
    told = {"0s": [], FIRES_AT: [_told(alert)], OVER_AT: []}
    return {
        "interval": INTERVAL,
        "input_series": WRONG[alert],
        "alert_rule_test": [
            {"eval_time": time, "alertname": alert, "exp_alerts": alerts}
            for time, alerts in told.items()
        ],
    }


def _told(alert: str) -> dict[str, Any]:
    """The labels and the summary that promtool has to find: filled in from what is wrong."""
    rule = RULES[alert]
    labels = dict(re.findall(r'(\w+)="([^"]*)"', WRONG[alert][0]["series"]))
    kept = AGGREGATED.get(alert)
    labels = {name: value for name, value in labels.items() if kept is None or name in kept}
    summary = rule["annotations"]["summary"]
    for name, value in labels.items():
        summary = summary.replace("{{ $labels." + name + " }}", value)
    summary = summary.replace("{{ $value }}", "85")
    return {
        "exp_labels": labels | rule.get("labels", {}),
        "exp_annotations": {"summary": summary},
    }
