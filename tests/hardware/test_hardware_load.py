"""Half an hour in a session while every core is busy: no false trip, every lease in time."""

from pathlib import Path

import pytest

from tests.hardware.load import LOAD_S, run_under_load


@pytest.mark.long
@pytest.mark.timeout(2400)
@pytest.mark.usefixtures("_built")
@pytest.mark.parametrize("seconds", [60.0, LOAD_S])
def test_a_machine_at_full_load_never_trips_the_chair(tmp_path: Path, seconds: float) -> None:
    print(run_under_load(tmp_path, seconds).answers.text())
