"""What a session brings a child: how it arrives, and how calm it becomes while it is stimulated."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from calmloop.scenario_selector.learning.gaussian import Vector
from calmloop.scenario_selector.learning.trials import MAX_LESS, Trial

UPSET_VALENCE = -0.7
"""A face that reads like this, or worse, is as upset as counts."""

FELT_FROM_PCT = 5.0
"""At no more intensity than this it is not the chair that calms a child."""

REACHED_OVER_S = 120.0
"""Calm that lies this far back counts a third of the present: it is the calm reached."""

MIDDLE_RATING = 3

MIN_FELT_S = 30.0
"""A scenario that was felt for less than this, and that nobody saw or rated, says nothing."""


def distress_of(valence: float) -> float:
    """How upset a face is that reads so, 0 to 1; a smile is no calmer than rest."""
    return min(1.0, max(0.0, valence / UPSET_VALENCE))


def distress_of_smiley(rating: int) -> float:
    """The same of a smiley, 1 to 5: the middle one and those above it are calm."""
    return max(0.0, (MIDDLE_RATING - rating) / (MIDDLE_RATING - 1))


@dataclass
class _Part:
    """One scenario's share of a session."""

    felt_s: float = 0.0
    calm: float = 0.0
    weight: float = 0.0
    less: int = 0

    def see(self, distress: float | None, elapsed_s: float) -> None:
        self.felt_s += elapsed_s
        if distress is not None:
            fading = max(0.0, 1.0 - elapsed_s / REACHED_OVER_S)
            self.calm = fading * self.calm + (1.0 - distress) * elapsed_s
            self.weight = fading * self.weight + elapsed_s

    @property
    def reached(self) -> float | None:
        return min(1.0, self.calm / self.weight) if self.weight else None


@dataclass(frozen=True)
class Remarks:
    """What a caregiver says of a session: smileys before and after it, or that a halt was wrong."""

    before: int | None = None
    rating: int | None = None
    void: bool = False

    def rated(self, rating: int | None) -> "Remarks":
        """The same with a rating, where there is one."""
        return self if rating is None else replace(self, rating=rating)

    def voided(self) -> "Remarks":
        """The same, and the halt was for no distress."""
        return replace(self, void=True)


NO_REMARKS = Remarks()


@dataclass
class Outcome:
    """What one session brings, gathered while it runs."""

    halted: str = ""
    """The scenario that played when the child was in distress; empty when it was not."""
    _arrival: _Part = field(default_factory=_Part)
    _parts: dict[str, _Part] = field(default_factory=dict)

    def arrival(self, remarks: Remarks = NO_REMARKS) -> float:
        """Distress when the child arrived, 0 to 1: as seen, else as a caregiver said, else 0."""
        reached = self._arrival.reached
        if reached is not None:
            return 1.0 - reached
        return 0.0 if remarks.before is None else distress_of_smiley(remarks.before)

    def arrive(self, distress: float | None, elapsed_s: float) -> None:
        """The child has just been seated.

        Args:
            distress: 0 to 1; None while it is not known.
            elapsed_s: For how long it was so.
        """
        self._arrival.see(distress, elapsed_s)

    def see(
        self, scenario: str, distress: float | None, intensity_pct: float, elapsed_s: float
    ) -> None:
        """The child is in a scenario; what it does not feel counts for nothing."""
        if intensity_pct > FELT_FROM_PCT:
            part = self._parts.pop(scenario, _Part())
            self._parts[scenario] = part
            part.see(distress, elapsed_s)

    def lessen(self, scenario: str) -> None:
        """The child itself took a step off what it felt."""
        part = self._parts.setdefault(scenario, _Part())
        part.less = min(part.less + 1, MAX_LESS)

    def halt(self, scenario: str) -> None:
        """It ended in distress."""
        self.halted = scenario
        self._parts[scenario] = self._parts.pop(scenario, _Part())

    def trials(
        self,
        session_id: str,
        ended: datetime,
        features: Mapping[str, Vector],
        remarks: Remarks,
        playing: str,
    ) -> list[Trial]:
        """What is kept of it, one trial a scenario, the one that played last at the end.

        Args:
            session_id: Its id.
            ended: When it ended, with its zone.
            features: Of all scenarios, by name.
            remarks: A caregiver's.
            playing: What played last: a rating is of it where nothing was felt.
        """
        parts = self._parts or {playing: _Part()}
        return [
            Trial(
                session_id=session_id,
                ended=ended,
                scenario=name,
                features=tuple(features[name]),
                arrival=self.arrival(remarks),
                calm=part.reached,
                less=part.less,
                before=remarks.before,
                rating=remarks.rating,
                halted=name == self.halted,
                void=remarks.void and name == self.halted,
            )
            for name, part in parts.items()
            if self._says_something(name, part, remarks)
        ]

    def _says_something(self, name: str, part: _Part, remarks: Remarks) -> bool:
        seen = part.reached is not None or part.felt_s >= MIN_FELT_S
        return seen or name == self.halted or remarks.rating is not None
