"""A recording is played by its own times, from a clock that the test owns."""

from pathlib import Path
from typing import Any

import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.contract.messages.base import SignalKind
from calmloop.heart_monitor.lines import Columns
from calmloop.heart_monitor.reading import BodySample, Garbage, Measurement, Reading
from calmloop.heart_monitor.sources.replay import ReplaySection, ReplaySource
from calmloop.heart_monitor.sources.source import READ_S, SourceContext

COLUMNS = Columns({"EMG1": "emg", "acc_x": "accelerometer-x"})


class Player:
    """Plays a file; waiting moves the clock."""

    def __init__(self, file: Path, **section: Any) -> None:
        self.clock = ManualClock()
        context = SourceContext(self.clock, COLUMNS, self.clock.advance)
        source = ReplaySection(file=file, **section).load(context)
        self.source: ReplaySource = source
        self.source.open()
        self._began_ns = self.clock.monotonic_ns()

    def play(self, seconds: float) -> list[tuple[float, Reading]]:
        """What came, with the second at which it came, until the time is over or the file."""
        came: list[tuple[float, Reading]] = []
        while (at_s := self.elapsed_s()) <= seconds:
            readings = self.source.read()
            if readings is None:
                break
            came += [(round(self.elapsed_s(), 3), reading) for reading in readings]
            if not readings and self.elapsed_s() == at_s:
                self.clock.advance(0.25)
        return came

    def elapsed_s(self) -> float:
        return (self.clock.monotonic_ns() - self._began_ns) / 1e9


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "recording.csv"
    file.write_text(text)
    return file


def test_rows_come_when_their_time_has(tmp_path: Path) -> None:
    file = written(tmp_path, "time_s,rr_ms,EMG1\n10.0,800,0.1\n10.5,,0.2\n11.25,810,0.3\n")
    came = Player(file, playback="once").play(5)
    assert [(at_s, type(reading)) for at_s, reading in came] == [
        (0.0, Measurement),
        (0.0, BodySample),
        (0.5, BodySample),
        (1.25, Measurement),
        (1.25, BodySample),
    ]
    assert came[3][1] == Measurement(came[3][1].at_ns, None, (810.0,))


def test_without_times_each_interval_takes_its_own(tmp_path: Path) -> None:
    came = Player(written(tmp_path, "RR\n800\n600\n700\n"), playback="once").play(5)
    assert [at_s for at_s, _ in came] == [0.8, 1.4, 2.1]


def test_it_begins_anew_at_its_end_unless_it_is_played_once(tmp_path: Path) -> None:
    file = written(tmp_path, "time_s,bpm\n0,80\n1,81\n")
    once = Player(file, playback="once")
    assert len(once.play(10)) == 2
    assert once.source.read() is None
    assert len(Player(file).play(4.5)) > 6


def test_one_of_no_length_leaves_the_service_its_core(tmp_path: Path) -> None:
    came = Player(written(tmp_path, "time_s,bpm\n0,80\n0,81\n")).play(10.0)
    assert 2 < len(came) <= 2 * (10 / READ_S + 2)


def test_a_leap_or_a_step_back_of_its_times_is_not_waited_for(tmp_path: Path) -> None:
    file = written(tmp_path, "t,bpm\n0,80\n9000,81\n5,82\n,83\n6,84\n7,85\n")
    came = Player(file, playback="once").play(5)
    assert [at_s for at_s, _ in came] == [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]


def test_one_that_is_behind_goes_on_from_where_it_is(tmp_path: Path) -> None:
    rows = "".join(f"{second},80\n" for second in range(30))
    player = Player(written(tmp_path, f"t,bpm\n{rows}"))
    player.clock.advance(20.0)
    assert len(player.source.read() or ()) == 1
    player.clock.advance(1.0)
    assert len(player.source.read() or ()) == 1


def test_what_stands_beyond_the_columns_or_is_missing_harms_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, "t, bpm ,EMG1\n0,80\n\n0,81,1,2,3\n0,x,1\n")
    kinds = [type(reading) for _, reading in Player(file, playback="once").play(1)]
    assert kinds == [Measurement, Measurement, BodySample, Garbage, BodySample]


def test_it_says_that_it_is_a_recording(tmp_path: Path) -> None:
    assert Player(written(tmp_path, "t,bpm\n0,80\n")).source.source_kind is SignalKind.RECORDED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No such file"),
        ("", "names neither a column time_s nor one rr_ms"),
        ("1,2\n3,4\n", "names neither"),
        ("t,bpm\n", "no rows"),
        ("t,bpm\n\xff\xfe", "cannot be read"),
        ("t,bpm\n0," + "8" * 20_000, "field larger than field limit"),
    ],
)
def test_a_file_that_cannot_be_played_is_refused_by_its_reason(
    tmp_path: Path, text: str | None, why: str
) -> None:
    file = tmp_path / "recording.csv"
    if text is not None:
        file.write_bytes(text.encode("latin-1"))
    with pytest.raises(DeviceError, match=why) as refused:
        Player(file)
    assert str(file) in str(refused.value)
