"""What anybody in the house may ask for: it lowers, and says nothing of a caregiver."""

from pathlib import Path

from calmloop.contract.messages.house import HouseAction
from calmloop.contract.messages.session import Phase
from calmloop.scenario_selector.house import obey_house
from tests.unit.scenario_selector.harness import NEUTRAL, Harness


def test_less_pause_and_finish_are_a_caregivers_own(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running()
    harness.show(NEUTRAL, 5.0)
    before = harness.intensity_pct
    assert obey_house(harness.engine, HouseAction.LESS) is None
    harness.show(NEUTRAL, 1.0)
    assert harness.intensity_pct < before
    assert obey_house(harness.engine, HouseAction.PAUSE) is None
    harness.show(NEUTRAL, 1.0)
    harness.expect(Phase.PAUSED)
    assert obey_house(harness.engine, HouseAction.FINISH) is None
    harness.show(NEUTRAL, 8.0)
    harness.expect(Phase.IDLE)


def test_the_camera_is_the_cameras_affair(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running()
    assert obey_house(harness.engine, HouseAction.CAMERA_OFF) is None
    harness.show(NEUTRAL, 1.0)
    assert harness.phase is not Phase.PAUSED
