"""What a scenario may say of tracks that move together: with its sound, or at a pace of breath."""

import math
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from calmloop.base.strict_yaml import FilePart

MIN_PER_MIN, MAX_PER_MIN = 4.0, 10.0
"""Breaths: slow breathing is 4 to 10 a minute (Russo, Santarelli and O'Rourke 2017)."""

BREATH_IN_SHARE = 0.4
"""Of a breath: 4 s in and 6 s out at 6 a minute, as the breathing guide has it."""

GUIDES = {"breathing": 6.0}
"""Tracks that are breathed with, and their breaths a minute. A guide's track begins with a breath
in, and is never played faster or slower: the pace keeps to it, not it to the pace."""

PER_MIN = Annotated[float, Field(ge=MIN_PER_MIN, le=MAX_PER_MIN)]
Depth = Annotated[float, Field(gt=0.0, le=0.8, description="How far it sinks below its level.")]


class Follows(StrEnum):
    """What a vibration or a light swells with."""

    SOUND = "sound"


class Paced(StrEnum):
    """What a track breathes with: the pace of its phase."""

    BREATH = "breath"


class StartsAt(StrEnum):
    """What a pace may begin at, instead of what is written."""

    CHILD = "child"


class BreathPace(FilePart):
    """Breaths a minute over one phase, from its beginning to its end in a straight line."""

    from_per_min: PER_MIN
    to_per_min: PER_MIN
    starts_at: StartsAt | None = Field(
        None, description="The child's own rhythm, where its heart is known: see `entrainment`."
    )

    def per_min_at(self, share: float) -> float:
        """Breaths a minute where `share`, 0..1, of the phase is over."""
        within = min(1.0, max(0.0, share))
        return self.from_per_min + (self.to_per_min - self.from_per_min) * within

    @property
    def steepest_per_s(self) -> float:
        """How fast `breath_at` rises at most, a second, at the quickest pace of the phase."""
        quickest = MAX_PER_MIN if self.starts_at else max(self.from_per_min, self.to_per_min)
        in_s = BREATH_IN_SHARE * 60.0 / quickest
        return math.pi / 2.0 / in_s


def breath_at(breaths: float) -> float:
    """How full a breath is, 0 (out) to 1 (in), after so many breaths; half cosines between."""
    into = breaths % 1.0
    if into < BREATH_IN_SHARE:
        return 0.5 - 0.5 * math.cos(math.pi * into / BREATH_IN_SHARE)
    return 0.5 + 0.5 * math.cos(math.pi * (into - BREATH_IN_SHARE) / (1.0 - BREATH_IN_SHARE))


def pace_fault(pace: BreathPace | None, track: str | None, *, paced: bool, follows: bool) -> str:
    """What is wrong with how a phase moves; empty where nothing is.

    Args:
        pace: Of the phase.
        track: Of its sound; None without.
        paced: Whether a track of it is `paced: breath`.
        follows: Whether a track of it is `follows: sound`.
    """
    if follows and track is None:
        return "a track follows: sound, and there is no sound: add one, or leave `follows` out"
    if paced and pace is None:
        bounds = f"{MIN_PER_MIN:g} to {MAX_PER_MIN:g}"
        return (
            f"a track is paced: breath, without `pace`: add from_per_min and to_per_min, {bounds}"
        )
    if pace is None:
        return ""
    if not paced:
        return "`pace` has nothing to move: write `paced: breath` for vibration or light"
    return _guide_fault(pace, track or "")


def _guide_fault(pace: BreathPace, track: str) -> str:
    """What is wrong with a pace beside a guide; empty where nothing is."""
    guide = GUIDES.get(track)
    if guide is not None and pace.starts_at is not None:
        return (
            f"pace starts at the {pace.starts_at.value}, and the track '{track}' breathes at"
            f" {guide:g}: leave starts_at out, or take another sound"
        )
    if guide is not None and (pace.from_per_min, pace.to_per_min) != (guide, guide):
        return (
            f"pace goes from {pace.from_per_min:g} to {pace.to_per_min:g} a minute, and the track"
            f" '{track}' breathes at {guide:g}: write {guide:g} for both, or another sound"
        )
    return ""
