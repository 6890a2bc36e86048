"""What a source hands over: measurements of the heart, a battery's level, samples of a signal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """One message of a heart sensor.

    Attributes:
        at_ns: CLOCK_MONOTONIC of its receipt, in ns.
        rate_bpm: The sensor's own average; None where it gave none, or 0 for "cannot tell".
        rr_ms: The intervals between beats since the last message, oldest first, as they came.
        contact: Whether it sits on the skin; None where it cannot tell.
    """

    at_ns: int
    rate_bpm: float | None = None
    rr_ms: tuple[float, ...] = ()
    contact: bool | None = None


@dataclass(frozen=True, slots=True)
class Battery:
    """The battery's level in percent."""

    at_ns: int
    level_pct: int


@dataclass(frozen=True, slots=True)
class BodySample:
    """One value of another signal, by its name; not finite where the source had no number."""

    at_ns: int
    signal: str
    value: float


@dataclass(frozen=True, slots=True)
class Garbage:
    """Something came that could not be understood."""

    at_ns: int
    why: str


Reading = Measurement | Battery | BodySample | Garbage
