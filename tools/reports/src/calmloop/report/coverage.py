"""What was seen and felt, as shares of a session's time: nothing that is missing counts as zero."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from calmloop.report.records import RecordedSession, Row

GROUPS = ("positive", "neutral", "negative")
THINNED_S = 2.0
"""Samples come every 0.5 s; further apart than this they were thinned to make room."""
STANDS = 1.6
"""A sample stands for this many usual gaps at most: what follows was not recorded."""
MIN_STANDS_S = 1.5
CHANNELS = ("vibration", "sound", "light")


@dataclass(frozen=True)
class Coverage:
    """Of one session, in seconds.

    Attributes:
        length_s: From its start to its end.
        read_s: The face was read as one of the groups.
        doubt_s: It came, and could not be told.
        absent_s: No reading came.
        groups_s: The time in each group.
        confidence: Mean certainty of the readings in a group, 0 to 1; None without any.
        thinned: Whether samples were thinned.
    """

    length_s: float
    read_s: float = 0.0
    doubt_s: float = 0.0
    absent_s: float = 0.0
    groups_s: dict[str, float] = field(default_factory=dict)
    confidence: float | None = None
    thinned: bool = False

    @property
    def recorded_s(self) -> float:
        """Of which there are samples."""
        return self.read_s + self.doubt_s + self.absent_s

    @property
    def unrecorded_s(self) -> float:
        """Of which there are none."""
        return max(0.0, self.length_s - self.recorded_s)

    def share(self, seconds: float) -> float | None:
        """Of the session's time; None of one without any."""
        whole = max(self.length_s, self.recorded_s)
        return seconds / whole if whole > 0 else None


@dataclass(frozen=True)
class Dose:
    """What one channel gave.

    Attributes:
        minutes: At more than zero.
        mean_pct: Over the time that was recorded; None: nothing was.
        max_pct: The highest.
        percent_minutes: Level times time: 10 % for 5 min is 50.
    """

    minutes: float
    mean_pct: float | None
    max_pct: float | None
    percent_minutes: float


def stands_for_s(samples: Sequence[Row]) -> float:
    """How long one sample can stand for, in seconds."""
    gaps = [(b["at_ms"] - a["at_ms"]) / 1000 for a, b in pairwise(samples)]
    return max(MIN_STANDS_S, STANDS * median(gaps)) if gaps else MIN_STANDS_S


def weighed(samples: Sequence[Row]) -> Iterator[tuple[Row, float]]:
    """Each sample with the seconds that it stands for."""
    longest_s = stands_for_s(samples)
    for one, following in pairwise(samples):
        yield one, min(longest_s, max(0.0, (following["at_ms"] - one["at_ms"]) / 1000))
    if samples:
        yield samples[-1], min(0.5, longest_s)


def coverage(session: RecordedSession) -> Coverage:
    """What was seen of the face, and for how long."""
    read_s = doubt_s = absent_s = certain = 0.0
    groups_s = dict.fromkeys(GROUPS, 0.0)
    for sample, seconds in weighed(session.samples):
        share = sample.get("coverage")
        if share is None:
            absent_s += seconds
            continue
        read_s += seconds * share
        doubt_s += seconds * (1 - share)
        if sample.get("emotion") in groups_s:
            groups_s[sample["emotion"]] += seconds * share
            certain += seconds * share * (sample.get("confidence") or 0.0)
    in_groups = sum(groups_s.values())
    return Coverage(
        length_s=session.length_s,
        read_s=read_s,
        doubt_s=doubt_s,
        absent_s=absent_s,
        groups_s=groups_s,
        confidence=certain / in_groups if in_groups else None,
        thinned=stands_for_s(session.samples) / STANDS > THINNED_S,
    )


def level_pct(sample: Row, channel: str) -> float | None:
    """What the chair applied on a channel; of light the brightest of its colours."""
    if channel != "light":
        level = sample.get(f"{channel}_pct")
        return None if level is None else float(level)
    colours = [sample.get(f"{colour}_pct") for colour in ("red", "green", "blue")]
    known = [colour for colour in colours if colour is not None]
    return max(known) if known else None


def dose(session: RecordedSession, channel: str) -> Dose:
    """What a channel gave in a session."""
    on_s = known_s = total = 0.0
    highest: float | None = None
    for sample, seconds in weighed(session.samples):
        level = level_pct(sample, channel)
        if level is None:
            continue
        known_s += seconds
        total += level * seconds
        on_s += seconds if level > 0 else 0.0
        highest = level if highest is None else max(highest, level)
    mean = total / known_s if known_s else None
    return Dose(on_s / 60, mean, highest, total / 60)
