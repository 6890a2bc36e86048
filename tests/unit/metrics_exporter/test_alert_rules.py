"""The rules that ship ask for metrics that there are, and each alert has a runbook."""

import re
from typing import Any

import yaml

from tests.services import REPOSITORY
from tests.unit.metrics_exporter.exporter_rig import ExporterRig

RULES: list[dict[str, Any]] = yaml.safe_load(
    (REPOSITORY / "compose/monitoring/alerts.yaml").read_text()
)["groups"][0]["rules"]


def test_every_metric_that_a_rule_asks_for_is_told(rig: ExporterRig) -> None:
    asked = {name for rule in RULES for name in re.findall(r"\bcalmloop_\w+", rule["expr"])}
    assert asked
    assert {re.sub(r"_(total|bucket)$", "", name) for name in asked} <= rig.names()


def test_every_alert_has_a_runbook_in_its_order() -> None:
    guide = (REPOSITORY / "docs/guides/monitoring.md").read_text()
    headings = re.findall(r"^## (Calmloop\w+)\n\n\S", guide, re.MULTILINE)
    assert headings == [rule["alert"] for rule in RULES]


def test_only_the_watchdog_s_own_alarms_have_the_watchdog_s_severity() -> None:
    without = [rule["alert"] for rule in RULES if "labels" not in rule]
    assert without == ["CalmloopAlarmUnacknowledged"]
