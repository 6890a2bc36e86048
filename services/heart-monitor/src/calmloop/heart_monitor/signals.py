"""Other signals of the body: mean, spread and quality of each over the last second."""

import math
from dataclasses import dataclass

from calmloop.contract.messages.biosignal import Absence
from calmloop.heart_monitor.reading import BodySample

WORDS = {
    Absence.SILENT: "nothing was measured for {silent_after_s:g} s: check the sensor, and that the"
    " source has a column of this name",
    Absence.FROZEN: "the same value for {frozen_after_s:g} s: check the sensor",
    Absence.OUT_OF_RANGE: "no value within {min_value:g} to {max_value:g}: check the sensor, or the"
    " bounds",
}


@dataclass(frozen=True)
class Bounds:
    """What a signal may be, and how long silence and stillness are believed."""

    min_value: float
    max_value: float
    silent_after_s: float
    frozen_after_s: float


@dataclass(frozen=True)
class BiosignalReading:
    """One signal since it was read last; a value if and only if there is no reason.

    Where nothing came since, but not for too long, the value is that of before, with its age.
    """

    value: float | None
    spread: float | None
    samples: int
    quality: float | None
    age_s: float | None
    reason: Absence | None
    detail: str


class Biosignal:
    """Sums up one signal in constant memory, however fast it comes (Welford's method)."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._last_ns: int | None = None
        self._same: float | None = None
        self._same_since_ns = 0
        self._held = (0.0, 0.0)
        self._begin()

    def put(self, sample: BodySample) -> None:
        """Takes a sample; one that is no number, or out of bounds, only lowers the quality."""
        value = sample.value
        if not self._bounds.min_value <= value <= self._bounds.max_value:
            self._refused += 1
            return
        self._count += 1
        step = value - self._mean
        self._mean += step / self._count
        self._squares += step * (value - self._mean)
        if value != self._same:
            self._same, self._same_since_ns = value, sample.at_ns
        self._last_ns = sample.at_ns

    def clear(self) -> None:
        """Forgets everything: the source was lost."""
        self._last_ns = self._same = None
        self._begin()

    def read(self, now_ns: int) -> BiosignalReading:
        """What came since it was read last; begins anew."""
        count, refused = self._count, self._refused
        if count:
            self._held = self._mean, math.sqrt(max(0.0, self._squares) / count)
        self._begin()
        reason = self._reason(now_ns, count, refused)
        value, spread = self._held if reason is None else (None, None)
        return BiosignalReading(
            value=value,
            spread=spread,
            samples=count,
            quality=count / (count + refused) if count or refused else None,
            age_s=None if self._last_ns is None else max(0, now_ns - self._last_ns) / 1e9,
            reason=reason,
            detail=WORDS[reason].format(**vars(self._bounds)) if reason else "",
        )

    def _begin(self) -> None:
        self._count = self._refused = 0
        self._mean = self._squares = 0.0

    def _reason(self, now_ns: int, count: int, refused: int) -> Absence | None:
        if refused and not count:
            return Absence.OUT_OF_RANGE
        last_ns, bounds = self._last_ns, self._bounds
        if last_ns is None or now_ns - last_ns > bounds.silent_after_s * 1e9:
            return Absence.SILENT
        if last_ns - self._same_since_ns >= bounds.frozen_after_s * 1e9:
            return Absence.FROZEN
        return None
