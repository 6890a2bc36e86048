"""Whatever was acknowledged outlives kill -9 and a power cut that drops what was not synced."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.session_log.log_rig import open_log, reader

REPOSITORY = Path(__file__).resolve().parents[3]
SHIM = Path(__file__).with_name("power_cut.c")
WRITER = """
import sys
from pathlib import Path
from tests.unit.session_log.log_rig import note, open_log, samples
store, _ = open_log(Path(sys.argv[1]))
store.db.execute(f"PRAGMA synchronous={sys.argv[2]}")
number = 0
while True:
    number += 1
    ids = store.append(
        [note(f"number {number}", pad="x" * 300)], {"s1": samples()} if number % 5 == 0 else {}
    )
    print(ids[0], flush=True)
    if number % 40 == 0:
        store.db.execute("PRAGMA wal_checkpoint(PASSIVE)")
"""
CUT = 137
TRIES = [2, pytest.param(25, marks=pytest.mark.slow)]


def start(folder: Path, synchronous: str = "FULL", **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), synchronous],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
    )


def acknowledged(child: "subprocess.Popen[str]", count: int | None = None) -> list[int]:
    """The ids that it said were kept: the first so many, or all until it ends."""
    assert child.stdout
    if count is not None:
        return [int(child.stdout.readline()) for _ in range(count)]
    return [int(line) for line in child.stdout if line.endswith("\n")]


def assert_kept(folder: Path, ids: list[int]) -> None:
    store, findings = open_log(folder)
    there = {event.id for event in reader(store).all_events()}
    store.close()
    assert set(ids) <= there
    assert not [loss for loss in findings.losses if loss.first <= max(ids)]


@pytest.mark.parametrize("tries", TRIES)
def test_no_acknowledged_event_is_lost_by_a_kill(tmp_path: Path, tries: int) -> None:
    rng = random.Random(9)
    for number in range(tries):
        folder = tmp_path / f"{number}"
        with start(folder) as child:
            ids = acknowledged(child, rng.randrange(1, 120))
            child.kill()
            ids += acknowledged(child)
        assert_kept(folder, ids)


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("shim") / "power_cut.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", built, SHIM, "-ldl"], check=True)
    return built


def cut(folder: Path, shim: Path, after: int, seed: int, synchronous: str = "FULL") -> list[int]:
    """A writer until the power is cut; the ids that it said were kept."""
    how = {"CUT_FOLDER": str(folder), "CUT_AFTER": str(after), "CUT_SEED": str(seed)}
    with start(folder, synchronous, LD_PRELOAD=str(shim), **how) as child:
        ids = acknowledged(child)
    assert child.returncode == CUT
    return ids


def test_what_was_not_synced_is_dropped_indeed(tmp_path: Path, shim: Path) -> None:
    ids = cut(tmp_path / "log", shim, 400, 0, "OFF")
    store, _ = open_log(tmp_path / "log")
    assert len(list(reader(store).all_events())) < len(ids)
    store.close()


@pytest.mark.parametrize("tries", TRIES)
def test_no_acknowledged_event_is_lost_with_what_was_not_synced(
    tmp_path: Path, shim: Path, tries: int
) -> None:
    rng = random.Random(5)
    for number in range(tries):
        folder = tmp_path / f"{number}"
        ids = cut(folder, shim, rng.randrange(60, 900), number)
        assert ids
        assert_kept(folder, ids)
