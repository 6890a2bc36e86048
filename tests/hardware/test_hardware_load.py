"""Half an hour in a session while every core is busy: no false trip, every lease in time."""

import pytest

from tests.hardware.load import LOAD_S, run_under_load
from tests.hardware.loop import memory_folder

pytestmark = pytest.mark.alone


@pytest.mark.timeout(2400)
@pytest.mark.usefixtures("_built")
@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(10.0, marks=pytest.mark.slow),
        pytest.param(LOAD_S, marks=pytest.mark.long),
    ],
)
def test_a_machine_at_full_load_never_trips_the_chair(seconds: float) -> None:
    with memory_folder() as folder:
        print(run_under_load(folder, seconds).answers.text())
