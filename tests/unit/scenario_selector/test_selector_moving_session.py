"""A session whose vibration follows the sound, whatever its player tells; nothing rises by that."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmloop.contract.messages.session import Channel, OverrideAction, Phase
from calmloop.contract.messages.sound import SoundCondition, SoundState
from calmloop.scenario_selector.playing import SoundShare
from calmloop.scenario_selector.session import Session
from tests.unit.scenario_selector.harness import NEUTRAL, STEP_S, Harness
from tests.unit.scenario_selector.moving import HERE, library, sidecar, state
from tests.unit.scenario_selector.test_selector_movement import noisy

SURF = sidecar("surf", noisy(6.0))


class Swelling(Harness):
    """With a player that plays surf, ten times a second; `says` is told in its place."""

    says: SoundState | None = None
    is_heard = True
    times = 1

    def hear_all(self) -> None:
        super().hear_all()
        told = self.says or state("surf", self.now_s % 60.0, self.now_s + 0.15)
        if self.is_heard:
            for _ in range(self.times):
                self.engine.sound.receive(self.received(told))

    @property
    def session(self) -> Session:
        sitting = self.engine._running
        assert sitting is not None
        return sitting.session

    @property
    def vibration_pct(self) -> float:
        return self.setpoints[-1].vibration.level_pct

    @property
    def plain_pct(self) -> float:
        return self.session.stimulus.vibration.level_pct


@pytest.fixture
def harness(tmp_path: Path) -> Swelling:
    return begun(tmp_path)


def begun(folder: Path) -> Swelling:
    """A session on ocean waves that has run for a while."""
    swelling = Swelling(folder)
    swelling.engine.sound = SoundShare(swelling.ages, library(folder / "tracks", SURF))
    swelling.start_running(scenario="ocean-waves")
    return swelling


def seen(harness: Swelling, seconds: float) -> list[float]:
    """What share of its level the vibration was asked for, each turn."""
    shares = []
    for _ in range(round(seconds / STEP_S)):
        harness.show(NEUTRAL, STEP_S)
        shares.append(harness.vibration_pct / harness.plain_pct)
        assert shares[-1] <= 1.0
    return shares


def test_vibration_swells_below_its_level(harness: Swelling) -> None:
    shares = seen(harness, 18.0)
    assert max(shares) > 0.9
    assert min(shares) < 0.65
    assert min(shares) >= 0.5


def test_what_may_upset_a_child_is_the_level_and_not_the_moment_of_a_trough(
    harness: Swelling,
) -> None:
    for _ in range(20):
        harness.show(NEUTRAL, STEP_S)
        felt = harness.session.intensity.channels.felt[Channel.VIBRATION]
        assert felt == pytest.approx(harness.plain_pct)
        assert harness.vibration_pct < 0.999 * felt


def test_a_player_that_is_lost_lowers_and_the_session_goes_on(harness: Swelling) -> None:
    seen(harness, 6.0)
    harness.is_heard = False
    shares = seen(harness, 4.0)
    assert shares[-1] == pytest.approx(0.5)
    harness.is_heard = True
    harness.override(OverrideAction.HOLD)
    assert max(seen(harness, 12.0)) == pytest.approx(0.5), "nothing rises while a caregiver holds"
    assert harness.override(OverrideAction.RELEASE, token=harness.token) is None
    assert max(seen(harness, 18.0)) > 0.9
    assert harness.phase is Phase.RUNNING


def test_a_flood_changes_nothing(harness: Swelling, tmp_path: Path) -> None:
    alone = harness.copied(tmp_path / "alone")
    harness.times = 200
    harness.show(NEUTRAL, 3.0)
    alone.show(NEUTRAL, 3.0)
    flooded, heard_once = (one.setpoints[-1].vibration.level_pct for one in (harness, alone))
    assert flooded == pytest.approx(heard_once)


LIES = st.builds(
    SoundState,
    condition=st.sampled_from(list(SoundCondition)),
    track=st.sampled_from(["surf", "rain-soft", "", "../surf"]),
    position_s=st.one_of(st.none(), st.floats(0.0, 1e9)),
    output_ns=st.one_of(st.none(), st.integers(0, 10**11)),
    host_boot_id=st.sampled_from([HERE, "elsewhere"]),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(LIES, min_size=1, max_size=12))
def test_lies_raise_nothing(
    tmp_path_factory: pytest.TempPathFactory, lies: list[SoundState]
) -> None:
    harness = begun(tmp_path_factory.mktemp("lies"))
    last_pct = harness.vibration_pct
    for lie in lies:
        harness.says = lie
        for _ in range(3):
            harness.show(NEUTRAL, STEP_S)
            assert harness.vibration_pct <= harness.plain_pct + 1e-9
            assert harness.vibration_pct - last_pct <= 20.0 * STEP_S + 5.0 * STEP_S
            last_pct = harness.vibration_pct


def test_sound_light_and_frequency_stay_as_they_are(harness: Swelling) -> None:
    seen(harness, 1.0)
    setpoint = harness.setpoints[-1]
    plain = harness.session.stimulus
    assert setpoint.sound == plain.sound
    assert setpoint.light == plain.light
    assert setpoint.vibration.frequency_hz == plain.vibration.frequency_hz
