"""All that is known of the child's body now: pure, of readings and of times handed in."""

from collections.abc import Iterable

from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.biosignal import BiosignalState, HeartState
from calmloop.heart_monitor.heart import Heart
from calmloop.heart_monitor.listening import SourceReport
from calmloop.heart_monitor.reading import Battery, BodySample, Garbage, Measurement, Reading
from calmloop.heart_monitor.settings import HeartMonitorSection
from calmloop.heart_monitor.signals import Biosignal, Bounds

BATTERY_KEPT_S = 900.0
"""A battery's level is asked for each five minutes."""


class Monitor:
    """Sorts readings, and says what they mean.

    Attributes:
        refused: Readings that could not be understood.
        last_refusal: What was wrong with the last of these.
    """

    def __init__(self, section: HeartMonitorSection, source_kind: SignalKind) -> None:
        self.refused = 0
        self.last_refusal = ""
        self._source_kind = source_kind
        self._heart = Heart(section.silent_after_s, section.frozen_after_s)
        self._units = {name: signal.unit for name, signal in section.signals.items()}
        self._signals = {
            name: Biosignal(
                Bounds(
                    signal.min_value,
                    signal.max_value,
                    section.silent_after_s,
                    signal.frozen_after_s,
                )
            )
            for name, signal in section.signals.items()
        }
        self._battery: Battery | None = None

    def put(self, readings: Iterable[Reading]) -> None:
        """Takes what came, in its order."""
        for reading in readings:
            match reading:
                case Measurement():
                    self._heart.put(reading)
                case BodySample():
                    self._signals[reading.signal].put(reading)
                case Battery():
                    self._battery = reading
                case Garbage():
                    self.refused += 1
                    self.last_refusal = reading.why

    def clear(self) -> None:
        """Forgets what was measured: the source was lost, or time was."""
        self._heart.clear()
        self._battery = None
        for signal in self._signals.values():
            signal.clear()

    def heart(self, now_ns: int, origin: str, report: SourceReport) -> HeartState:
        """The heart's state at `now_ns`; unknown as long as the source is not open."""
        reading = self._heart.read(now_ns)
        away = report.absence is not None
        variability, known = reading.variability, not away and reading.reason is None
        return HeartState(
            source_kind=self._source_kind,
            origin=origin[:200],
            age_s=reading.age_s,
            reason=report.absence or reading.reason,
            detail=(report.detail if away else reading.detail)[:300],
            rate_bpm=reading.rate_bpm if known else None,
            rmssd_ms=variability.rmssd_ms if known else None,
            breaths_per_min=variability.breaths_per_min if known else None,
            artefact_share=variability.artefact_share,
            covered_s=variability.covered_s,
            contact=None if away else reading.contact,
            battery_pct=self._battery_pct(now_ns),
            refused=self.refused,
        )

    def signals(self, now_ns: int, origin: str, report: SourceReport) -> dict[str, BiosignalState]:
        """The state of each further signal, by its name."""
        return {name: self._signal(name, now_ns, origin, report) for name in self._signals}

    def _signal(self, name: str, now_ns: int, origin: str, report: SourceReport) -> BiosignalState:
        reading = self._signals[name].read(now_ns)
        away = report.absence is not None
        return BiosignalState(
            source_kind=self._source_kind,
            origin=origin[:200],
            age_s=reading.age_s,
            reason=report.absence or reading.reason,
            detail=(report.detail if away else reading.detail)[:300],
            kind=name,
            value=None if away else reading.value,
            spread=None if away else reading.spread,
            unit=self._units[name],
            samples=reading.samples,
            quality=reading.quality,
        )

    def _battery_pct(self, now_ns: int) -> int | None:
        battery = self._battery
        if battery is None or now_ns - battery.at_ns > BATTERY_KEPT_S * 1e9:
            return None
        return battery.level_pct
