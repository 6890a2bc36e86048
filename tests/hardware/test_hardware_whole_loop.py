"""The whole loop on the emulated chip: whatever stops or dies, the pins come to rest."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from calmloop.demo.chair import ChairKind
from calmloop.demo.run import Demo, running_demo
from calmloop.demo.stack import StackOptions
from tests.hardware.bench import within
from tests.loop.test_stops import CAUSES, STAYS_ZERO_S, felt, recover, wait_until

pytestmark = pytest.mark.long

LEASE_AND_FALL_MS = 800


@pytest.fixture(scope="module")
def running(_built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder: Path = tmp_path_factory.mktemp("loop")
    options = StackOptions(
        source="sim",
        baseline_s=2.0,
        chair=ChairKind.EMULATOR,
        settings={"CAMERA__SIM_MOOD": "neutral"},
    )
    with running_demo(options, folder, seconds=0.0) as demo:
        yield demo
        within("lag of the emulator behind real time", lag_pct(demo.stack.chair.control), 5, "%")


def lag_pct(control: Path) -> float:
    """How much slower than real time the emulator was, from its control socket."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(str(control))
        line.sendall(b"figures\n")
        answer = line.makefile().readline()
    return float(json.loads(answer.removeprefix("ok "))["lag_pct"])


@pytest.mark.parametrize("cause", CAUSES)
def test_the_pins_come_to_rest_and_stay_so(running: Demo, cause: str) -> None:
    demo = running
    demo.start_session(minutes=10)
    wait_until(demo, lambda: felt(demo), 10, "the chair never did anything")
    began_ns = time.monotonic_ns()
    CAUSES[cause](demo)
    wait_until(demo, lambda: not felt(demo), 5, f"still felt 5 s after {cause}")
    outputs = demo.stack.chair.outputs()
    last_felt = max(i for i, output in enumerate(outputs) if output.felt)
    within(
        f"{cause} -> at rest", (outputs[last_felt + 1].at_ns - began_ns) / 1e6, LEASE_AND_FALL_MS
    )

    recover(demo, cause)
    seen = len(demo.stack.chair.outputs())
    demo.observer.wait_until(lambda: felt(demo), STAYS_ZERO_S)
    assert not any(output.felt for output in demo.stack.chair.outputs()[seen:])
