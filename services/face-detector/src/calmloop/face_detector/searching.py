"""Searches whole pictures in steps that fit into a time budget, carried on in later pictures.

A search that lasted as long as it pleases would hold the loop up: on a slow processor each turn
would come too late, and what it saw would be thrown away.
"""

import math
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from calmloop.base.clock import Clock
from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.detection import Detection, Detector

MAX_PARTS = 16
"""Finest division of the sizes searched: 3 windows' sizes a step at a scale factor of 1.1."""
OVERLAP = 1.21
"""Each part reaches this much into the next, so that a face between two of them keeps most of the
overlapping windows that tell it from a chance pattern."""
SPARE = 3.0
"""Parts are joined when their dearest would fit this many times: joining two doubles the cost."""


@dataclass(frozen=True)
class Step:
    """One call of the detector on a whole picture."""

    roll_deg: float
    min_px: float
    max_px: float


class Searcher:
    """One search after another, each in as many steps as the measured cost of a step asks for.

    While a whole search fits into the budget it is one step for each tilt.
    """

    def __init__(self, detector: Detector, clock: Clock, budget_s: float) -> None:
        """Takes the clock that measures the steps; one that stands still sets no limit."""
        self._detector = detector
        self._clock = clock
        self._budget_ns = round(budget_s * 1e9)
        self._began_ns = clock.monotonic_ns()
        self._parts = 1
        self._steps: deque[Step] = deque()
        self._spent_ns: dict[Step, int] = {}
        self._last_ns: dict[Step, int] = {}

    @property
    def is_busy(self) -> bool:
        """Whether a search has been begun and has steps left."""
        return bool(self._steps)

    @property
    def has_time(self) -> bool:
        """Whether this picture's budget is not spent yet."""
        return self._elapsed_ns() < self._budget_ns

    def start_picture(self) -> None:
        """The budget of a new picture begins now."""
        self._began_ns = self._clock.monotonic_ns()

    def begin(self, rolls_deg: Collection[float], min_px: float, max_px: float) -> None:
        """Plans a search for all faces of these tilts and sizes, instead of the one before."""
        parts = self._parts if self._detector.is_divisible else 1
        edges_px = np.geomspace(min_px, max(min_px, max_px), parts + 1).tolist()
        self._spent_ns = {}
        self._steps = deque(
            Step(roll_deg, low_px, min(max_px, OVERLAP * high_px))
            for roll_deg in rolls_deg
            for low_px, high_px in pairwise(edges_px)
        )

    def keep(self, rolls_deg: Collection[float]) -> None:
        """Leaves out the steps that look for other tilts."""
        self._steps = deque(step for step in self._steps if step.roll_deg in rolls_deg)

    def reset(self) -> None:
        """Drops the search in progress; what steps cost stays known."""
        self._steps.clear()

    def run(self, gray: Gray) -> list[Detection]:
        """Does the next step on this picture, and more while they fit into its budget."""
        found: list[Detection] = []
        began = False
        while self._steps and (not began or self._fits(self._steps[0])):
            began = True
            found += self._run(self._steps.popleft(), gray)
        if began and not self._steps:
            self._divide()
        return found

    def _run(self, step: Step, gray: Gray) -> list[Detection]:
        began_ns = self._clock.monotonic_ns()
        found = self._detector.detect(gray, step.min_px, step.max_px, step.roll_deg)
        self._spent_ns[step] = self._last_ns[step] = self._clock.monotonic_ns() - began_ns
        return found

    def _fits(self, step: Step) -> bool:
        dearest_ns = max(self._spent_ns.values(), default=0)
        return self._elapsed_ns() + self._last_ns.get(step, dearest_ns) <= self._budget_ns

    def _elapsed_ns(self) -> int:
        return self._clock.monotonic_ns() - self._began_ns

    def _divide(self) -> None:
        """Chooses the parts of the next search by what this one's steps have cost."""
        rolls = len({step.roll_deg for step in self._spent_ns})
        dearest_ns = max(self._spent_ns.values())
        if dearest_ns > self._budget_ns:
            halvings = math.ceil(math.log2(dearest_ns / self._budget_ns))
            self._parts = min(MAX_PARTS, self._parts * 2**halvings)
        elif sum(self._spent_ns.values()) <= rolls * self._budget_ns:
            self._parts = 1
        elif SPARE * dearest_ns < self._budget_ns:
            self._parts = max(1, self._parts // 2)
        self._last_ns = {step: self._last_ns[step] for step in self._spent_ns}
