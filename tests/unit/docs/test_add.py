"""Each "Add a ..." page is followed in a copy, and what it promises is there afterwards."""

from pathlib import Path

import pytest

from tests.unit.docs.steps import PAGES, Scratch, files_of

MAX_FILES = {
    "alarm": 2,
    "detector": 1,
    "firmware-message": 5,
    "runtime": 1,
    "scenario": 1,
    "service": 6,
    "setting": 1,
    "source": 1,
    "topic": 2,
}
"""How many files adding the thing takes at most, its own test left out."""


@pytest.mark.parametrize("page", sorted(PAGES.glob("[!i]*.md")), ids=lambda page: page.stem)
def test_a_page_asks_for_few_files(page: Path) -> None:
    files = files_of(page)
    assert files, "nothing of it is a step"
    assert len(files) <= MAX_FILES[page.stem], files


@pytest.mark.parametrize("page", sorted(PAGES.glob("[!i]*.md")), ids=lambda page: page.stem)
def test_the_first_page_names_each_with_its_files(page: Path) -> None:
    index = (PAGES / "index.md").read_text()
    assert f" | {len(files_of(page))} | [" in next(
        line for line in index.splitlines() if f"]({page.name})" in line
    )


def test_a_topic(scratch: Scratch) -> None:
    said = scratch.follow(PAGES / "topic.md")
    assert (
        "| CameraBrightness: how bright the pictures are | camera → all | 1, yes | 1 Hz |" in said
    )
    assert "`camera/brightness`" in (scratch.root / "README.md").read_text()
    acl = scratch.run(
        "python -c 'from calmloop.compose_init.acl import access_list;print(access_list(\"c\"))'"
    )
    assert "topic write calmloop/c/camera/brightness" in acl


@pytest.mark.slow
def test_a_setting(scratch: Scratch) -> None:
    said = scratch.follow(PAGES / "setting.md")
    assert "| `camera.mirror` | `false` | `false`, `true` |" in said
    assert "1 passed" in said
    (scratch.root / "calmloop.yaml").write_text("camera:\n  mirror: maybe\n")
    refused = scratch.run("! calmloop check-config")
    assert "calmloop.yaml line 2: camera.mirror = 'maybe'" in refused


@pytest.mark.slow
def test_a_source(scratch: Scratch) -> None:
    said = scratch.follow(PAGES / "source.md")
    assert "| `camera.ramp_px_per_s` | `60.0` | ≥ 1, ≤ 1000 |" in said
    assert "1 passed" in said
    scratch.run("pytest tests/unit/packaging/test_layers.py")


def test_an_alarm(scratch: Scratch) -> None:
    assert "1 passed" in scratch.follow(PAGES / "alarm.md")


@pytest.mark.slow
def test_a_scenario(scratch: Scratch) -> None:
    assert "1 passed" in scratch.follow(PAGES / "scenario.md")


@pytest.mark.slow
def test_a_detector(scratch: Scratch) -> None:
    said = scratch.follow(PAGES / "detector.md")
    assert "| `face_detector.profiles.neighbours` | `4` | ≥ 1, ≤ 40 |" in said
    assert "1 passed" in said
    scratch.run("pytest tests/unit/packaging/test_layers.py")


def test_a_runtime(scratch: Scratch) -> None:
    said = scratch.follow(PAGES / "runtime.md")
    assert "`tensorflow`" in said
    assert "| `emotion_classifier.tensorflow.threads` | `1` | ≥ 1, ≤ 8 |" in said
    assert "1 passed" in said


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_service(scratch: Scratch) -> None:
    """All that looks at every service looks at the new one, which runs under its own account."""
    said = scratch.follow(PAGES / "service.md")
    assert "| `room_lamp.dimmed_pct` | `20` | ≥ 0, ≤ 100 |" in said
    assert "room-lamp" in scratch.run("calmloop check-config 2>&1")
    scratch.run("python -m tools.service_list check; mypy --no-incremental services/room-lamp/src")
    of_all = "tests/unit/packaging/test_{hardening,locks,broker_accounts,typed_packages}.py"
    named = "tests/contract/test_garbage.py tests/unit/docs/test_readme.py"
    chosen = "-k 'not (garbage or readme) or room-lamp'"
    scratch.run(f"pytest {of_all} tests/unit/docs/added_service.py {named} {chosen}")


@pytest.mark.slow
def test_a_firmware_message(scratch: Scratch) -> None:
    said = scratch.follow(PAGES / "firmware-message.md")
    assert "### 0x07 PROBE, 2 bytes" in said
    assert "4 passed" in said
    page = (scratch.root / "firmware-bridge" / "PROTOCOL.md").read_text()
    assert "| 1 | NO_NUMBER | the probe's number is 0: count from 1 |" in page
    assert "| probe | `04010709064d3c2b1a03059905bb1600` |" in page
