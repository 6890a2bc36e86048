"""How long the loop takes to answer STATUS with a lease, at the chip's end of the line."""

import json
import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from calmloop.chair_link.frames import FrameReader, WireFrame
from calmloop.chair_link.messages import Flags, Lease, Status, read_message

BINS_MS = (0, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 250, math.inf)
LEASE_LIFE_MS = 500
BAR = 50


@dataclass(frozen=True)
class Answers:
    """The nonces that a chair gave out in a span of time, and what became of them.

    Attributes:
        times_ms: From the last byte of STATUS on the line to the last byte of its lease, sorted.
        unanswered: Nonces without a lease, or with one that came when they were 500 ms old.
    """

    times_ms: list[float]
    unanswered: int

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.times_ms) + self.unanswered

    def quantile_ms(self, share: float) -> float:
        """The time within which this share of all nonces was answered; infinite if it was not."""
        rank = math.ceil(share * self.count)
        return self.times_ms[rank - 1] if rank <= len(self.times_ms) else math.inf

    def counts(self) -> list[tuple[float, float, int]]:
        """Each bin of the histogram: from, below, how many."""
        places = [bisect_left(self.times_ms, edge) for edge in BINS_MS]
        counts = [high - low for low, high in pairwise(places)]
        return [(*bounds, count) for bounds, count in zip(pairwise(BINS_MS), counts, strict=True)]

    def text(self) -> str:
        """The histogram as text; the bars are logarithmic."""
        lines = []
        for low, high, count in self.counts():
            bounds = (
                f"{low:3.0f} to {high:3.0f} ms" if high < math.inf else f"{low:3.0f} ms or more"
            )
            lines.append(f"{bounds:<14}{count:7}  {'#' * bar_length(count)}".rstrip())
        return "\n".join([*lines, f"{'not in time':<14}{self.unanswered:7}"])


def bar_length(count: int) -> int:
    """The length of a logarithmic bar: 10 for each power of ten, so that one is seen as well."""
    return min(BAR, round(10 * math.log10(count)) + 1) if count else 0


class Passed(NamedTuple):
    """A frame on the line: when its last byte passed, by both clocks, and who sent it."""

    at_ns: int
    cycle: int
    sender: str
    frame: WireFrame


def frames(bytes_log: Path) -> Iterator[Passed]:
    """What passed on the line."""
    readers = {"chair": FrameReader(), "host": FrameReader()}
    for line in bytes_log.read_text().splitlines():
        record = json.loads(line)
        for frame in readers[record["from"]].feed(bytes.fromhex(record["hex"])):
            yield Passed(record["at_ns"], record["cycle"], record["from"], frame)


def read_answers(bytes_log: Path, from_ns: int, until_ns: int) -> Answers:
    """What became of the nonces that were given out in a span of CLOCK_MONOTONIC."""
    asked_ns: dict[int, int] = {}
    answered_ns: dict[int, int] = {}
    for at_ns, _, _, frame in frames(bytes_log):
        message = read_message(frame)
        if isinstance(message, Lease):
            answered_ns.setdefault(message.nonce, at_ns)
        elif isinstance(message, Status) and Flags.FRESH_NONCE in message.flags:
            asked_ns[message.nonce] = at_ns
    asked_ns = {nonce: at_ns for nonce, at_ns in asked_ns.items() if from_ns <= at_ns < until_ns}
    times_ms = sorted((answered_ns.get(n, math.inf) - at_ns) / 1e6 for n, at_ns in asked_ns.items())
    in_time = times_ms[: bisect_left(times_ms, LEASE_LIFE_MS)]
    return Answers(in_time, len(times_ms) - len(in_time))
