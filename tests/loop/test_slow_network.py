"""A slow, lossy network between the services: the chair runs safely or rests, and never flaps."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calmloop.contract.messages.chair import ChairMode
from calmloop.demo.report import DemoReport
from calmloop.demo.run import Demo
from calmloop.demo.stack import Stack, StackOptions
from tests.loop.restarts import acknowledge, standing
from tests.slow_network import SlowNetwork

LOSS = 0.05
BACK_S = 5.0
"""So long after the network the child is seen again, at most."""
LATCHED_S = 5.0
"""A stop is told to people over the same slow links, so that it may come after the chair's rest."""
LONG = [pytest.param(delay_ms, 10.0, 12.0, marks=pytest.mark.long) for delay_ms in (100, 300, 700)]
SHORT = pytest.param(700, 3.0, 4.0, marks=pytest.mark.long)


@pytest.fixture
def network() -> Iterator[SlowNetwork]:
    with SlowNetwork() as network:
        yield network


@pytest.fixture
def demo(network: SlowNetwork, tmp_path: Path) -> Iterator[Demo]:
    """A session runs, and nothing is slow yet."""
    settings = {"MQTT__PORT": str(network.port), "CAMERA__SIM_MOOD": "neutral"}
    stack = Stack(tmp_path, StackOptions(baseline_s=2.0, warm_up_s=0.0, settings=settings))
    network.target_port = stack.broker.port
    with stack:
        demo = Demo(stack, DemoReport(source="sim", chair=StackOptions().chair, seconds=0.0))
        try:
            demo.wait_until_ready()
            demo.begin()
            demo.start_session(5.0)
            yield demo
        finally:
            demo.observer.bus.close()


class Watch:
    """Counts how often the chair began to be ACTIVE, and gathers what people were told."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.active = True
        self.begun = 0

    def turns(self, seconds: float, try_to_start: bool = False) -> None:
        until_s = self.demo.observer.elapsed_s() + seconds
        tried_s = 0.0
        while (now_s := self.demo.observer.elapsed_s()) < until_s:
            self.demo.turn()
            chair = self.demo.tally.chair
            active = chair is not None and chair.mode is ChairMode.ACTIVE
            self.begun += active and not self.active
            self.active = active
            if try_to_start and not active and now_s - tried_s >= 1.0:
                tried_s = now_s
                self.demo.caregiver.reset()
                self.demo.caregiver.start(5.0)


@pytest.mark.parametrize(("delay_ms", "watched_s", "tried_s"), [SHORT, *LONG])
def test_it_runs_or_it_rests_with_a_reason_and_never_flaps(
    demo: Demo,
    network: SlowNetwork,
    delay_ms: int,
    watched_s: float,
    tried_s: float,
    measured: Callable[[str], None],
) -> None:
    watch = Watch(demo)
    network.delay_s, network.loss = delay_ms / 1000 / 2, LOSS
    watch.turns(watched_s)
    assert watch.begun == 0, "nobody asked for a start"
    if not watch.active:
        demo.observer.wait_until(
            lambda: bool((stop := demo.tally.stop) and stop.latched), LATCHED_S
        )
        stop = demo.tally.stop
        assert stop is not None
        assert stop.latched
        assert stop.cause
        assert not demo.stack.chair.outputs()[-1].felt
        watch.turns(tried_s, try_to_start=True)
        assert watch.begun <= 1
        assert watch.active or demo.tally.report.rejected
    print(f"{delay_ms} ms and {LOSS:.0%} loss: active {watch.active}, {demo.tally.stop}")
    network.delay_s = network.loss = 0.0
    back_s = until_seen_again(demo)
    measured(
        f"{delay_ms} ms: seen again {back_s:.1f} s after the network is back, at most {BACK_S:g}"
    )
    assert back_s <= BACK_S
    demo.start_session(5.0)
    acknowledge(demo)
    assert not standing(demo)


def until_seen_again(demo: Demo) -> float:
    began_s = demo.observer.elapsed_s()
    demo.tally.usable_face_s = None
    demo.observer.wait_until(lambda: demo.tally.usable_face_s is not None, 30.0)
    return demo.observer.elapsed_s() - began_s
