"""What is known of the heart now, from what a source has told; or why it is unknown."""

from collections import deque
from dataclasses import dataclass

from calmloop.contract.messages.biosignal import MAX_RATE_BPM, MIN_RATE_BPM, Absence
from calmloop.heart_monitor.intervals import RATE_WINDOW_S, WINDOW_S, Intervals, Variability
from calmloop.heart_monitor.reading import Measurement
from calmloop.heart_monitor.repetition import Repetition

MAX_MESSAGES_HZ = 20
"""A strap tells once a second, a board once a beat."""
FLOOD_SLACK = 1.2
FLOOD_SLACK_S = 5.0
"""More heartbeats than time: what clocks and a burst after a lost connection explain is allowed."""
CONTRADICTION = 0.25
CONTRADICTION_S = 20.0
"""A strap's own rate is an average that follows its intervals by some seconds."""

WORDS = {
    Absence.SILENT: "nothing was measured for {silent_after_s:g} s: check the sensor",
    Absence.NO_CONTACT: "the sensor does not sit on the skin: moisten its electrodes, tighten it",
    Absence.FROZEN: "the same was measured again and again: switch the sensor off and on",
    Absence.TOO_MUCH: "more heartbeats than the time has room for: an interval is to be told once,"
    " when its beat comes",
    Absence.CONTRADICTORY: "rate and intervals contradict each other: check the sensor",
    Absence.DISTURBED: "no clean interval for {window_s:g} s: let the sensor sit still and firm",
    Absence.OUT_OF_RANGE: "no rate within {low:g} to {high:g} a minute: check the sensor",
}


@dataclass(frozen=True)
class HeartReading:
    """What is known of the heart now; a rate if and only if there is no reason."""

    rate_bpm: float | None
    variability: Variability
    contact: bool | None
    age_s: float | None
    reason: Absence | None
    detail: str


class Heart:
    """Gathers measurements; knows no clock of its own.

    Args:
        silent_after_s: How long a measurement counts.
        frozen_after_s: How long repeated intervals are believed; a rate alone four times as long.
    """

    def __init__(self, silent_after_s: float, frozen_after_s: float) -> None:
        self._silent_after_s = silent_after_s
        self._intervals = Intervals()
        self._repetition = Repetition(frozen_after_s)
        self._arrivals: deque[int] = deque(maxlen=MAX_MESSAGES_HZ + 1)
        self._first_ns: int | None = None
        self._newest: Measurement | None = None
        self._with_intervals_ns: int | None = None
        self._contradicts_since_ns: int | None = None

    def put(self, measurement: Measurement) -> None:
        """Takes a measurement; its time must not be before that of the last."""
        at_ns, rr_ms = measurement.at_ns, measurement.rr_ms
        if self._newest is not None and self._is_off(at_ns, self._newest.at_ns):
            self.clear()
        if measurement.contact is False:
            self.clear()
        self._first_ns = at_ns if self._first_ns is None else self._first_ns
        self._newest = measurement
        self._arrivals.append(at_ns)
        self._repetition.put((measurement.rate_bpm, rr_ms), at_ns, fine=bool(rr_ms))
        self._intervals.add(at_ns, rr_ms)
        if rr_ms:
            self._with_intervals_ns = at_ns

    def clear(self) -> None:
        """Forgets everything: the source was lost, and may come back on another child."""
        self._intervals.clear()
        self._repetition.clear()
        self._arrivals.clear()
        self._first_ns = self._newest = self._with_intervals_ns = None
        self._contradicts_since_ns = None

    def read(self, now_ns: int) -> HeartReading:
        """What is known at `now_ns`, which is not before the last measurement.

        To be asked about once a second: for how long rate and intervals contradict each other is
        reckoned from one answer to the next.
        """
        variability = self._intervals.read(now_ns)
        newest = self._newest
        self._compare(now_ns, variability)
        rate_bpm = self._rate_bpm(now_ns, variability)
        reason = self._reason(now_ns, variability, rate_bpm)
        return HeartReading(
            rate_bpm if reason is None else None,
            variability,
            newest.contact if newest is not None and reason is not Absence.SILENT else None,
            None if newest is None else max(0, now_ns - newest.at_ns) / 1e9,
            reason,
            self._words(reason),
        )

    def _reason(
        self, now_ns: int, variability: Variability, rate_bpm: float | None
    ) -> Absence | None:
        """The first of these that is so."""
        newest = self._newest
        if newest is None or self._is_off(now_ns, newest.at_ns):
            return Absence.SILENT
        tells_intervals = self._tells_intervals(now_ns)
        reasons = {
            Absence.NO_CONTACT: newest.contact is False,
            Absence.TOO_MUCH: self._is_flooded(now_ns, variability),
            Absence.FROZEN: self._repetition.is_frozen(),
            Absence.CONTRADICTORY: self._contradicts(now_ns),
            Absence.DISTURBED: rate_bpm is None and tells_intervals,
            Absence.OUT_OF_RANGE: rate_bpm is None,
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def _rate_bpm(self, now_ns: int, variability: Variability) -> float | None:
        """That of the intervals where there are any, else the sensor's own."""
        newest = self._newest
        if self._tells_intervals(now_ns) or newest is None:
            rate_bpm = variability.rate_bpm
        else:
            rate_bpm = newest.rate_bpm
        in_range = rate_bpm is not None and MIN_RATE_BPM <= rate_bpm <= MAX_RATE_BPM
        return rate_bpm if in_range else None

    def _tells_intervals(self, now_ns: int) -> bool:
        at_ns = self._with_intervals_ns
        return at_ns is not None and now_ns - at_ns <= RATE_WINDOW_S * 1e9

    def _is_off(self, now_ns: int, at_ns: int) -> bool:
        return now_ns - at_ns > self._silent_after_s * 1e9

    def _is_flooded(self, now_ns: int, variability: Variability) -> bool:
        full = len(self._arrivals) == self._arrivals.maxlen
        if full and self._arrivals[-1] - self._arrivals[0] < 1e9:
            return True
        since_s = (now_ns - (self._first_ns or now_ns)) / 1e9
        return variability.told_s > FLOOD_SLACK * min(since_s, WINDOW_S) + FLOOD_SLACK_S

    def _compare(self, now_ns: int, variability: Variability) -> None:
        told_bpm = self._newest.rate_bpm if self._newest else None
        beaten_bpm = variability.rate_bpm
        if not told_bpm or not beaten_bpm or _are_close(told_bpm, beaten_bpm):
            self._contradicts_since_ns = None
        elif self._contradicts_since_ns is None:
            self._contradicts_since_ns = now_ns

    def _contradicts(self, now_ns: int) -> bool:
        since_ns = self._contradicts_since_ns
        return since_ns is not None and now_ns - since_ns >= CONTRADICTION_S * 1e9

    def _words(self, reason: Absence | None) -> str:
        if reason is None:
            return ""
        return WORDS[reason].format(
            silent_after_s=self._silent_after_s,
            window_s=RATE_WINDOW_S,
            low=MIN_RATE_BPM,
            high=MAX_RATE_BPM,
        )


def _are_close(told_bpm: float, beaten_bpm: float) -> bool:
    return abs(told_bpm - beaten_bpm) <= CONTRADICTION * beaten_bpm
