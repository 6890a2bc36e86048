"""What the commands are tried on: a broker that they find, and an uncalibrated chair."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from calmloop.chair_link.messages import Calibrate
from calmloop.cli.chair_bench import ChairBench
from tests.broker import Broker
from tests.unit.chair_link.posix_chair import PosixChair
from tests.unit.cli.calibration import Desk


@pytest.fixture
def port(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Broker:
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", str(broker.port))
    return broker


@pytest.fixture
def helper(chair: PosixChair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person beside the empty chair, who holds ACK whenever the command asks for it."""
    wait_for_hand, write = ChairBench.wait_for_hand, ChairBench.calibrate

    def hold(bench: ChairBench) -> None:
        chair.hands("seat off", "ack press")
        wait_for_hand(bench)

    def let_go_and_hold(bench: ChairBench, message: Calibrate) -> bool:
        chair.hands("seat off", "ack release")
        finger = threading.Timer(0.3, chair.hands, ["ack press"])
        finger.start()
        try:
            return write(bench, message)
        finally:
            finger.join()

    monkeypatch.setattr(ChairBench, "wait_for_hand", hold)
    monkeypatch.setattr(ChairBench, "calibrate", let_go_and_hold)


@pytest.fixture
def chair(tmp_path: Path) -> Iterator[PosixChair]:
    with PosixChair(tmp_path / "chair", "--serial", "BENCH-7", "--uncalibrated") as chair:
        chair.wait_for("SAFE", 5)
        yield chair


@pytest.fixture
def desk(chair: PosixChair, tmp_path: Path) -> Desk:
    return Desk(chair, tmp_path)
