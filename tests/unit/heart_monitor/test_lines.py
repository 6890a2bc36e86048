"""Lines of a board or a file: what is understood, and what is refused."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmloop.heart_monitor.lines import Columns, LineReader
from calmloop.heart_monitor.reading import Battery, BodySample, Garbage, Measurement, Reading

SIGNALS = {"EMG1": "emg", "gsr": "skin-conductance", "signal": "pulse-wave"}


def read(*lines: str, names: tuple[str, ...] = ()) -> list[Reading]:
    reader = LineReader(Columns(SIGNALS), names)
    return [reading for line in lines for reading in reader.readings(5, line.encode("latin-1"))]


@pytest.mark.parametrize(
    "line",
    [
        "bpm=74,ibi=812",
        "BPM:74 IBI:812",
        "rate_bpm = 74; rr_ms = 812",
        "hr=74\tibi_ms=812\tunasked=5",
        "  bpm:74.0,ibi:8.12e2 \r",
    ],
)
def test_pairs_are_read_however_they_are_parted(line: str) -> None:
    assert read(line) == [Measurement(5, 74.0, (812.0,))]


def test_bare_numbers_follow_the_last_line_of_names() -> None:
    lines = ("bpm,ibi,EMG1", "74,812,0.25", "bpm,EMG1", "75,-1")
    assert read(*lines) == [
        Measurement(5, 74.0, (812.0,)),
        BodySample(5, "emg", 0.25),
        Measurement(5, 75.0),
        BodySample(5, "emg", -1.0),
    ]


def test_or_the_names_of_the_settings() -> None:
    assert read("74 812", names=("bpm", "ibi")) == [Measurement(5, 74.0, (812.0,))]


def test_what_a_board_says_in_words_takes_no_names_away() -> None:
    assert read("Sensor ready", "74 812", names=("bpm", "ibi")) == [Measurement(5, 74.0, (812.0,))]


def test_no_line_takes_long_to_read() -> None:
    """A flood of the worst of them must leave the service its core: 200 a second are too many."""
    began_s = time.process_time()
    read(*["a" * 1023 + "="] * 100, *["a." * 511 + "="] * 100, *["a " * 511 + "="] * 100)
    assert time.process_time() - began_s < 1.0


def test_pulsesensor_s_lines_are_read() -> None:
    assert read("B74", "Q812", "S512") == [
        Measurement(5, 74.0),
        Measurement(5, None, (812.0,)),
        BodySample(5, "pulse-wave", 512.0),
    ]


def test_contact_and_battery_are_told_apart_from_the_rate() -> None:
    assert read("bpm=74,contact=1,battery=90") == [
        Measurement(5, 74.0, contact=True),
        Battery(5, 90),
    ]
    assert read("bpm=0,contact=0") == [Measurement(5, None, contact=False)]


def test_comments_and_empty_lines_say_nothing() -> None:
    assert read("", "   ", "# ready", "\r") == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("bpm=high", "bpm = 'high'"),
        ("bpm=nan", "bpm"),
        ("bpm=inf", "bpm"),
        ("bpm=-74", "bpm"),
        ("bpm=1_0", "bpm"),
        ("ibi=1e9", "ibi"),
        ("contact=2", "contact"),
        ("battery=101", "battery"),
        ("74,812", "no format that is known"),
        ("=", "no format that is known"),
        ("b\xfcpm=74", "baud rate"),
        ("x" * 1025, "1024 bytes"),
        (",".join("a=1" for _ in range(65)), "no format that is known"),
        ("1," * 70, "no format that is known"),
    ],
)
def test_what_is_not_understood_is_refused_by_its_reason(line: str, why: str) -> None:
    (refused,) = read(line)
    assert isinstance(refused, Garbage)
    assert why in refused.why


def test_a_signal_without_a_number_is_kept_as_none_and_harms_nothing_else() -> None:
    measurement, sample = read("bpm=74,EMG1=nan")
    assert measurement == Measurement(5, 74.0)
    assert isinstance(sample, BodySample)
    assert math.isnan(sample.value)


def test_a_wrong_heart_does_not_take_the_other_signals_with_it() -> None:
    refused, sample = read("bpm=?,EMG1=3")
    assert isinstance(refused, Garbage)
    assert sample == BodySample(5, "emg", 3.0)


def test_nan_in_every_column_is_no_line_of_names() -> None:
    assert len(read("EMG1,gsr", "nan,nan", "1,2")) == 4


@given(st.lists(st.binary(max_size=80) | st.text("0123456789.,=:;eE-+nabpmi\t ").map(str.encode)))
def test_any_lines_give_readings_in_bounds(lines: list[bytes]) -> None:
    reader = LineReader(Columns(SIGNALS))
    for line in lines:
        for reading in reader.readings(5, line):
            assert reading.at_ns == 5
            if isinstance(reading, Measurement):
                assert reading.rate_bpm is None or 0 < reading.rate_bpm <= 1e4
                assert all(0 < interval <= 1e5 for interval in reading.rr_ms)
            elif isinstance(reading, Garbage):
                assert len(reading.why) < 200
