"""The one scalar that multiplies a scenario's tracks: its steps, its ceiling, its fades.

Rises only by small steps that somebody asked for, and after calm; falls at once.
Says why it last changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from calmloop.contract.messages.session import Change, Channel
from calmloop.scenario_selector.levels import ChannelLevel, ChannelMemory, Levels
from calmloop.scenario_selector.limits import (
    COMFORTABLE_S,
    EASED_BY_S,
    FADE_S,
    HOLD_S,
    LEAST_UPSETTING_PCT,
    RELAXES_PCT,
    RELAXES_S,
)

SETTLING_PCT_PER_S = 10.0
"""How fast it goes back to the start's level where nothing calls for haste."""

BY_PEOPLE = frozenset({Change.CAREGIVER, Change.CHILD})

MIN_TARGET_PCT = 0.05
"""Below this it counts as zero, so that an easing, which falls ever more slowly, ends."""


@dataclass(frozen=True)
class Steps:
    """Where the intensity starts and how far it moves, in percent of full scale."""

    start_pct: float = 20.0
    up_pct: float = 5.0
    down_pct: float = 10.0


@dataclass(frozen=True)
class Suspect:
    """What may have upset the child.

    Attributes:
        level_pct: Of the intensity.
        channels: What each channel was asked for by it.
    """

    level_pct: float
    channels: Levels


class Intensity:
    """What the engine, a caregiver and a lost face do to it.

    `target_pct` is what steps move; `gain` (0..1) is what fades move; their product is what the
    chair is asked for. `beginning_pct` is where a start or a resumption goes: the lowest level or,
    if a step led below it, there.

    Attributes:
        share: What is left of it while the session closes, 0..1.
        channels: What each channel is kept below, whatever the intensity.
    """

    def __init__(
        self,
        steps: Steps,
        ceiling_pct: float,
        levels: Mapping[Channel, ChannelLevel] | None = None,
        warm_up_s: float = 0.0,
    ) -> None:
        """Silent, until it begins.

        Args:
            steps: How far it moves.
            ceiling_pct: What it never exceeds.
            levels: What is known of each channel.
            warm_up_s: Time that it takes from zero to the level of a start; 0 for at once.
        """
        self.channels = ChannelMemory(levels or {})
        self._steps = steps
        self._ceiling_pct = ceiling_pct
        self._beginning_pct = steps.start_pct
        self._target_pct = 0.0
        self._gain = 1.0
        self.share = 1.0
        self._fading = 0
        self._settling = self._warming = False
        self._warm_up_s = warm_up_s
        self._upsetting_pct = 100.0
        self._wanted_pct = steps.start_pct
        self._comfortable_s = 0.0
        self.change = Change.NONE
        self.reason = ""

    @property
    def level_pct(self) -> float:
        """What the tracks are multiplied with, 0..100."""
        return self._target_pct * self.share * self._gain

    @property
    def gain(self) -> float:
        """Progress of a fade, 1 when there is none."""
        return self._gain

    @property
    def dimming(self) -> float:
        """What a track that does not follow the intensity is multiplied with, 0..1.

        It stays as written at the level of a start and above, and sinks with what is below.
        """
        return min(1.0, self._target_pct * self.share / self._steps.start_pct)

    @property
    def ceiling_pct(self) -> float:
        """What it never exceeds."""
        return self._ceiling_pct

    @property
    def is_settling(self) -> bool:
        """Whether it is on its way down to the level of a start."""
        return self._settling

    @property
    def is_silent(self) -> bool:
        """Whether a fade to zero is complete."""
        return self._gain == 0.0

    def explain(self, change: Change, reason: str) -> None:
        """Says why the next change comes."""
        self.change, self.reason = change, reason

    def begin(self, change: Change, reason: str) -> None:
        """Goes to the lowest level of a session, never above the ceiling; or warms up to it."""
        self._warming = self._warm_up_s > 0.0
        self._target_pct = 0.0 if self._warming else min(self._beginning_pct, self._ceiling_pct)
        self.explain(change, reason)

    def warm_up(self, elapsed_s: float) -> None:
        """Lets it rise by plan for so long; a step down or an easing has ended that for good."""
        if self._warming:
            goal_pct = min(self._beginning_pct, self.limit_pct)
            risen_pct = self._target_pct + self._steps.start_pct * elapsed_s / self._warm_up_s
            self._warming = risen_pct < goal_pct
            self._target_pct = max(self._target_pct, min(risen_pct, goal_pct))
            self._comfortable_s = 0.0

    def raise_step(self, change: Change, reason: str) -> bool:
        """One small step up, as far as the ceiling lets it; False if it does not.

        While it warms up, only a person adds to that.
        """
        limit_pct = self._ceiling_pct if change is Change.CAREGIVER else self.limit_pct
        raised_pct = min(self._target_pct + self._steps.up_pct, limit_pct)
        if raised_pct <= self._target_pct or (self._warming and change not in BY_PEOPLE):
            return False
        self._target_pct = raised_pct
        self.channels.lift(self._steps.up_pct, by_caregiver=change is Change.CAREGIVER)
        self._comfortable_s = 0.0
        if not self._warming:
            self._beginning_pct = min(raised_pct, self._steps.start_pct)
        if change in BY_PEOPLE:
            self._wanted_pct = max(self._wanted_pct, self._beginning_pct)
        self._settling = False
        self.explain(change, reason)
        return True

    def recover_step(self, change: Change, reason: str) -> bool:
        """A small step back up: no higher than the start, nor than where a person lowered it to."""
        limit_pct = min(self._wanted_pct, self.limit_pct)
        raised_pct = min(self._target_pct + self._steps.up_pct, limit_pct)
        if raised_pct <= self._target_pct or self._warming:
            return False
        self._target_pct = raised_pct
        self.channels.lift(self._steps.up_pct)
        self.explain(change, reason)
        return True

    @property
    def suspect(self) -> Suspect | None:
        """What may upset the child now; None where it was calm at it for long."""
        if self._comfortable_s >= COMFORTABLE_S:
            return None
        return Suspect(self._target_pct, self.channels.felt)

    @property
    def limit_pct(self) -> float:
        """What nobody but a caregiver raises it above."""
        return min(self._ceiling_pct, self._upsetting_pct - self._steps.up_pct)

    def note_upsetting(self, suspect: Suspect) -> None:
        """Remembers what upset the child, its level and each channel's, if it was felt at all."""
        if suspect.level_pct >= LEAST_UPSETTING_PCT:
            self._upsetting_pct = min(self._upsetting_pct, suspect.level_pct)
        self.channels.note_upsetting(suspect.channels)

    def lower_step(self, change: Change, reason: str, share: float = 1.0) -> None:
        """A step down, at once, or a share of one."""
        self._target_pct = max(0.0, self._target_pct - share * self._steps.down_pct)
        self._comfortable_s, self._warming = 0.0, False
        if change in BY_PEOPLE:
            self._wanted_pct = min(self._wanted_pct, self._target_pct)
        self._beginning_pct = min(self._target_pct, self._steps.start_pct)
        self.explain(change, reason)

    def lower_beginning(self, change: Change, reason: str) -> None:
        """One larger step down while nothing plays: begins or comes back lower by that."""
        self._beginning_pct = max(0.0, self._beginning_pct - self._steps.down_pct)
        self._wanted_pct = min(self._wanted_pct, self._beginning_pct)
        self.explain(change, reason)

    def settle(self, change: Change, reason: str) -> None:
        """Goes softly back to the level of the start, if it is above it."""
        if self._target_pct > self._steps.start_pct:
            self._settling = True
            self.explain(change, reason)

    def set_ceiling(self, ceiling_pct: float, reason: str) -> None:
        """A new ceiling; cuts what is above it, and raises nothing."""
        self._ceiling_pct = ceiling_pct
        if self._target_pct > ceiling_pct:
            self._target_pct = ceiling_pct
            self.explain(Change.CEILING, reason)

    def ease(self, lost_for_s: float, elapsed_s: float) -> None:
        """Falls linearly to zero between HOLD_S and EASED_BY_S after the face was lost.

        Goes on from wherever it is: a return of the face leaves it there.
        """
        if lost_for_s <= HOLD_S or self._target_pct == 0.0:
            return
        easing_s = min(elapsed_s, lost_for_s - HOLD_S)
        left_s = EASED_BY_S - lost_for_s
        share = max(0.0, left_s / (left_s + easing_s)) if left_s > 0.0 else 0.0
        self._target_pct *= share
        self._warming = False
        if self._target_pct < MIN_TARGET_PCT:
            self._target_pct = 0.0
        self.explain(
            Change.UNKNOWN_EASED, f"the face has not been seen for {HOLD_S:g} s: easing to zero"
        )

    def fade_out(self, change: Change, reason: str) -> None:
        """Begins to fade everything to zero over FADE_S."""
        self._fading = -1
        self.explain(change, reason)

    def fade_in(self, change: Change, reason: str) -> None:
        """Begins to fade everything in over FADE_S, from the present level, so without a jump.

        Comes back at the level of the start or, if a step led below that, there; one that was
        warming up goes on where it was.
        """
        level_pct = self.level_pct
        if not self._warming:
            self._target_pct = min(self._beginning_pct, self._ceiling_pct)
        if self.level_pct > level_pct:
            self._gain = level_pct / (self._target_pct * self.share)
        self._fading = 1
        self.explain(change, reason)

    def cut(self, change: Change, reason: str) -> None:
        """Zero at once: only for safety stops, and for ends with nothing left to fade."""
        self._target_pct, self._gain, self._fading = 0.0, 0.0, 0
        self.explain(change, reason)

    def advance(self, elapsed_s: float, *, may_rise: bool = True) -> None:
        """Lets a fade or a settling go on; a fade in waits where nothing may rise."""
        if self._settling:
            lowered_pct = self._target_pct - SETTLING_PCT_PER_S * elapsed_s
            self._target_pct = min(self._target_pct, max(self._steps.start_pct, lowered_pct))
            self._settling = self._target_pct > self._steps.start_pct
        if self._fading < 0 or may_rise:
            self._gain = min(1.0, max(0.0, self._gain + self._fading * elapsed_s / FADE_S))
            self._fading = 0 if self._gain in (0.0, 1.0) else self._fading
        self._comfortable_s += elapsed_s
        self.channels.relax(elapsed_s)
        if self._upsetting_pct < 100.0:
            self._upsetting_pct += RELAXES_PCT * elapsed_s / RELAXES_S
