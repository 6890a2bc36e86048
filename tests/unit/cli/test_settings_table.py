"""`calmloop settings` shows what the models hold, key by key."""

import socket
from pathlib import Path

from typer.testing import CliRunner

from calmloop.cli.main import app
from calmloop.contract.topics import SERVICES


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["settings", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_key_stands_with_its_default_its_bounds_and_its_meaning() -> None:
    line = "| `camera.fps` | `15.0` | ≥ 1, ≤ 30 | Frames a second, at most. |"
    assert line in shown("camera").splitlines()


def test_a_choice_stands_with_its_values() -> None:
    assert "| `camera.playback` | `loop` | `loop`, `once` |" in shown("camera")


def test_a_switch_stands_as_it_is_written() -> None:
    assert "| `end_on_change` | `false` | `false`, `true` |" in shown()


def test_all_services_are_there_with_what_they_share() -> None:
    everything = shown()
    for service in ("every service", *SERVICES):
        assert f"### {service}\n" in everything


def test_every_setting_says_what_it_means() -> None:
    rows = [line for line in shown().splitlines() if line.startswith("| `")]
    assert len(rows) > 60
    assert [row for row in rows if row.endswith("|  |")] == []


def test_a_large_bound_stands_as_it_is() -> None:
    assert "| `camera.sim_seed` | `1` | ≥ 0, ≤ 2147483647 |" in shown("camera")


def test_nothing_of_this_machine_is_shown() -> None:
    everything = shown()
    assert str(Path.home()) + "/" not in everything
    assert str(Path(__file__).parents[3]) not in everything
    assert f"`{socket.gethostname()}`" not in everything


def test_a_childs_profile_is_the_last_table() -> None:
    rows = shown("profile")
    assert shown().endswith(rows)
    assert "| `ceiling_pct` | `60.0` | ≥ 0, ≤ 100 |" in rows
    assert "| `excluded_channels` | empty | a list of `vibration`, `sound`, `light` |" in rows
    assert "| `cleared_contraindications` | empty | a list |" in rows


def test_an_unknown_service_is_refused_with_the_known_ones() -> None:
    result = CliRunner().invoke(app, ["settings", "kamera"])
    assert result.exit_code == 2
    assert "kamera" in result.output
    assert "scenario-selector" in result.output
