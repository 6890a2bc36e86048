"""The dashboard that ships is what its builder makes, and asks for metrics that there are."""

import json
import re
from typing import Any

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.services import REPOSITORY
from tests.unit.metrics_exporter.exporter_rig import ExporterRig
from tools.dashboards.__main__ import SHIPPED
from tools.dashboards.chair import DATASOURCE, ROWS, rendered

GRAFANA = REPOSITORY / "compose/monitoring/grafana"
NOT_SHOWN = {
    "calmloop_emotion_valence",
    "calmloop_exporter_connected",
    "calmloop_faces_unusable",
    "calmloop_alarms",
    "calmloop_chair_mode",
    "calmloop_link_round_trip_seconds",
    "calmloop_setpoint_applied_seconds",
}
"""What the dashboard leaves to whoever asks Prometheus."""


def panels() -> list[dict[str, Any]]:
    board: dict[str, Any] = json.loads((REPOSITORY / SHIPPED).read_text())
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def test_it_is_what_the_builder_makes() -> None:
    assert (REPOSITORY / SHIPPED).read_text() == rendered(), "run `make dashboards`"


def test_grafana_s_own_model_reads_it_without_loss() -> None:
    register_default_plugins()
    board = Dashboard.from_json(json.loads(rendered()))
    read_back = JSONEncoder(sort_keys=True, indent=2).encode(board)
    assert json.loads(read_back, object_hook=filled) == json.loads(rendered(), object_hook=filled)


def filled(part: dict[str, Any]) -> dict[str, Any]:
    """The model writes an empty object where nothing is set."""
    return {name: value for name, value in part.items() if value != {}}


def test_every_metric_that_it_asks_for_is_told_and_few_are_not_shown(rig: ExporterRig) -> None:
    text = " ".join(target["expr"] for panel in panels() for target in panel["targets"])
    asked = {re.sub(r"_(total|bucket)$", "", name) for name in re.findall(r"\bcalmloop_\w+", text)}
    told = {name for name in rig.names() if name.startswith("calmloop_")}
    assert told - NOT_SHOWN == asked


def test_every_panel_has_its_title_its_place_and_the_data_source_that_is_provisioned() -> None:
    shown = panels()
    assert [p["title"] for p in shown] == [title for row in ROWS.values() for title in row]
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in shown]
    assert len(set(places)) == len(shown)
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yaml").read_text())[
        "datasources"
    ]
    assert {p["datasource"]["uid"] for p in shown} == {source["uid"]} == {DATASOURCE.uid}
