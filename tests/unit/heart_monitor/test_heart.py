"""What is known of the heart, or the reason why it is not."""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmloop.contract.messages.biosignal import MAX_RATE_BPM, MIN_RATE_BPM, Absence
from calmloop.heart_monitor.heart import Heart, HeartReading
from calmloop.heart_monitor.reading import Measurement
from tests.unit.heart_monitor.heartbeats import START_NS, intervals_ms, plain_rmssd_ms, told

SECOND_NS = 1_000_000_000


def heart_after(measurements: Iterable[Measurement]) -> tuple[Heart, HeartReading]:
    heart, now_ns = Heart(silent_after_s=5.0, frozen_after_s=15.0), START_NS
    for measurement in measurements:
        heart.put(measurement)
        now_ns = measurement.at_ns
        heart.read(now_ns)
    return heart, heart.read(now_ns)


def seconds(count: int, **fields: object) -> Iterator[Measurement]:
    for number in range(count):
        yield Measurement(START_NS + number * SECOND_NS, **fields)  # type: ignore[arg-type]


def test_a_strap_that_is_worn_gives_rate_and_variability() -> None:
    rr_ms = intervals_ms(seconds=58)
    _, reading = heart_after(told(rr_ms, rate_bpm=90))
    assert reading.reason is None
    assert reading.detail == ""
    assert reading.rate_bpm == pytest.approx(90, abs=2)
    assert reading.variability.rmssd_ms == pytest.approx(plain_rmssd_ms(rr_ms), rel=1e-6)
    assert reading.contact is True
    assert reading.age_s == 0.0


def test_a_rate_alone_is_taken_where_there_are_no_intervals() -> None:
    _, reading = heart_after(seconds(5, rate_bpm=104.0))
    assert (reading.rate_bpm, reading.variability.rmssd_ms) == (104.0, None)
    assert reading.contact is None


def test_before_the_first_measurement_it_is_unknown_without_an_age() -> None:
    _, reading = heart_after([])
    assert (reading.rate_bpm, reading.age_s, reading.reason) == (None, None, Absence.SILENT)


def test_silence_makes_it_unknown_and_its_age_goes_on() -> None:
    measurements = list(told(intervals_ms(seconds=40)))
    heart, _ = heart_after(measurements)
    last_ns = measurements[-1].at_ns
    assert heart.read(last_ns + 4 * SECOND_NS).reason is None
    late = heart.read(last_ns + 7 * SECOND_NS)
    assert (late.rate_bpm, late.contact, late.reason) == (None, None, Absence.SILENT)
    assert late.age_s == 7.0
    assert "5 s" in late.detail


def test_after_a_silence_nothing_of_before_counts() -> None:
    heart, _ = heart_after(told(intervals_ms(60.0, seconds=50)))
    again_ns = START_NS + 70 * SECOND_NS
    for measurement in told(intervals_ms(120.0, seconds=12), start_ns=again_ns):
        heart.put(measurement)
    reading = heart.read(again_ns + 12 * SECOND_NS)
    assert reading.rate_bpm == pytest.approx(120, abs=3)
    assert reading.variability.covered_s < 13
    assert reading.variability.rmssd_ms is None


def test_a_strap_off_the_skin_says_nothing_and_forgets() -> None:
    heart, _ = heart_after(told(intervals_ms(seconds=40)))
    at_ns = START_NS + 41 * SECOND_NS
    heart.put(Measurement(at_ns, 90.0, (660.0,), contact=False))
    reading = heart.read(at_ns)
    assert (reading.rate_bpm, reading.contact, reading.reason) == (None, False, Absence.NO_CONTACT)
    assert reading.variability.covered_s < 1


@pytest.mark.parametrize(
    ("messages", "believed_s", "frozen_s"),
    [
        ([(90.0, (660.0, 670.0))], 14, 16),
        ([(90.0, (660.0,)), (90.0, (671.0, 655.0)), (91.0, (662.0,))], 14, 18),
        ([(90.0, ())], 59, 61),
    ],
)
def test_what_repeats_is_no_heart(
    messages: list[tuple[float, tuple[float, ...]]], believed_s: int, frozen_s: int
) -> None:
    def repeated(count: int) -> Iterator[Measurement]:
        for number in range(count + 1):
            rate_bpm, rr_ms = messages[number % len(messages)]
            yield Measurement(START_NS + number * SECOND_NS, rate_bpm, rr_ms, contact=True)

    _, before = heart_after(repeated(believed_s))
    heart, after = heart_after(repeated(frozen_s))
    assert before.reason is None
    assert (after.rate_bpm, after.reason) == (None, Absence.FROZEN)
    alive_ns = START_NS + (frozen_s + 1) * SECOND_NS
    heart.put(Measurement(alive_ns, 93.0, (648.4,), contact=True))
    assert heart.read(alive_ns).reason is None


def test_a_rate_that_goes_up_and_down_is_not_taken_for_a_repetition() -> None:
    rates = [88.0, 89.0] * 60
    _, reading = heart_after(
        Measurement(START_NS + n * SECOND_NS, rate) for n, rate in enumerate(rates)
    )
    assert reading.rate_bpm == 89.0


def test_more_heartbeats_than_time_are_refused() -> None:
    # A board that prints its last interval in each of ten lines a second.
    _, reading = heart_after(
        Measurement(START_NS + n * SECOND_NS // 10, None, (800.0 + n % 7,)) for n in range(100)
    )
    assert reading.reason is Absence.TOO_MUCH
    assert reading.rate_bpm is None
    assert "once" in reading.detail


def test_a_flood_of_messages_is_refused_and_forgotten_once_it_ends() -> None:
    flood = [Measurement(START_NS + n * 1_000_000, 90.0 + n % 5) for n in range(2000)]
    heart, reading = heart_after(flood)
    assert reading.reason is Absence.TOO_MUCH
    for second in range(2, 25):
        heart.put(Measurement(START_NS + second * SECOND_NS, 90.0 + second % 5))
    assert heart.read(START_NS + 24 * SECOND_NS).reason is None


def test_a_burst_after_a_gap_in_the_radio_is_no_flood() -> None:
    messages = list(told(intervals_ms(seconds=40), rate_bpm=90))
    late_ns = messages[30].at_ns
    caught_up = [
        Measurement(late_ns + n, m.rate_bpm, m.rr_ms, m.contact)
        for n, m in enumerate(messages[26:31])
    ]
    _, reading = heart_after([*messages[:26], *caught_up, *messages[31:]])
    assert reading.reason is None


def test_a_rate_that_its_intervals_deny_is_not_believed() -> None:
    rr_ms = intervals_ms(75.0, seconds=40)
    _, at_once = heart_after(list(told(rr_ms, rate_bpm=150))[:10])
    assert at_once.reason is None
    _, reading = heart_after(told(rr_ms, rate_bpm=150))
    assert (reading.rate_bpm, reading.reason) == (None, Absence.CONTRADICTORY)


def test_intervals_of_which_none_is_clean_give_no_rate() -> None:
    noise = [300.0, 1900.0, 450.0, 1500.0, 320.0] * 8
    _, reading = heart_after(told(noise, rate_bpm=72))
    assert (reading.rate_bpm, reading.reason) == (None, Absence.DISTURBED)


@pytest.mark.parametrize("rate_bpm", [None, 29.0, 241.0, 60_000.0])
def test_a_rate_that_no_heart_has_is_none(rate_bpm: float | None) -> None:
    _, reading = heart_after(seconds(3, rate_bpm=rate_bpm))
    assert (reading.rate_bpm, reading.reason) == (None, Absence.OUT_OF_RANGE)


MEASUREMENTS = st.builds(
    Measurement,
    at_ns=st.just(0),
    rate_bpm=st.none() | st.floats(0, 1e4),
    rr_ms=st.lists(st.floats(0, 70_000), max_size=9).map(tuple),
    contact=st.none() | st.booleans(),
)


@given(st.lists(st.tuples(st.floats(0, 8), MEASUREMENTS), max_size=80), st.floats(0, 20))
def test_whatever_comes_a_rate_is_in_range_fresh_and_without_a_reason(
    messages: list[tuple[float, Measurement]], later_s: float
) -> None:
    heart, now_ns, last_ns = Heart(5.0, 15.0), START_NS, None
    for wait_s, body in messages:
        now_ns = last_ns = now_ns + round(wait_s * 1e9)
        heart.put(Measurement(now_ns, body.rate_bpm, body.rr_ms, body.contact))
        check(heart.read(now_ns), now_ns, last_ns)
    now_ns += round(later_s * 1e9)
    check(heart.read(now_ns), now_ns, last_ns)


def check(reading: HeartReading, now_ns: int, last_ns: int | None) -> None:
    assert (reading.rate_bpm is None) == (reading.reason is not None)
    assert bool(reading.detail) == (reading.reason is not None)
    if reading.rate_bpm is not None:
        assert MIN_RATE_BPM <= reading.rate_bpm <= MAX_RATE_BPM
        assert reading.contact is not False
        assert reading.age_s is not None
        assert reading.age_s <= 5.0
    if last_ns is None:
        assert reading.age_s is None
    else:
        assert reading.age_s == (now_ns - last_ns) / 1e9
