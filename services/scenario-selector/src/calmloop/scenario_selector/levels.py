"""Each channel's level that upset a child, and the one that it was comfortable at.

What upset it caps the channel, beside the profile: a cap lowers, and is lifted only by a step up
that was allowed for a reason of its own.
"""

from collections.abc import Mapping
from typing import Self

from pydantic import Field

from calmloop.contract.messages.base import Percent
from calmloop.contract.messages.session import Channel
from calmloop.scenario_selector.ledger import Kept
from calmloop.scenario_selector.limits import (
    COMFORTABLE_S,
    LEAST_CAP_PCT,
    RELAXES_A_SESSION_PCT,
    RELAXES_PCT,
    RELAXES_S,
)

BELOW_PCT = 5.0
"""A channel is kept so far below what upset the child: one small step up."""

MAX_SESSIONS = 1_000

Levels = Mapping[Channel, float]
"""By channel, in percent of full scale."""


class ChannelLevel(Kept):
    """What is kept of one channel over the sessions of a child."""

    upset_pct: Percent | None = Field(None, description="Upset the child; None: nothing has.")
    calm_sessions: int = Field(0, ge=0, le=MAX_SESSIONS, description="Since it did.")
    session_id: str = Field("", max_length=64, description="In which it did.")
    before_pct: Percent | None = Field(None, description="Kept below this before that session.")
    comfortable_pct: Percent | None = Field(
        None, description="Highest level that it was calm at for a minute."
    )

    @property
    def cap_pct(self) -> float | None:
        """What the channel is kept below; None for no cap."""
        if self.upset_pct is None:
            return None
        relaxed_pct = self.upset_pct - BELOW_PCT + RELAXES_A_SESSION_PCT * self.calm_sessions
        return max(LEAST_CAP_PCT, relaxed_pct) if relaxed_pct < 100.0 else None

    def after_upset(self, level_pct: float, session_id: str) -> Self:
        """It upset the child at this level: never kept less low by that than before."""
        cap_pct = self.cap_pct
        upset_pct = level_pct if cap_pct is None else min(level_pct, cap_pct + BELOW_PCT)
        changes = {"upset_pct": upset_pct, "calm_sessions": 0, "session_id": session_id}
        lowered = self.model_copy(update=changes | {"before_pct": cap_pct})
        return lowered.comfortable_at(0.0)

    def after_calm(self) -> Self:
        """One session more in which it did not."""
        relaxed = self.model_copy(
            update={"calm_sessions": min(MAX_SESSIONS, self.calm_sessions + 1), "before_pct": None}
        )
        return relaxed if relaxed.cap_pct is not None else relaxed.freed()

    def freed(self) -> Self:
        """Nothing of it upsets the child."""
        return self.model_copy(update={"upset_pct": None, "calm_sessions": 0, "session_id": ""})

    def voided(self, session_id: str) -> Self:
        """A caregiver says that the child was not in distress in that session."""
        if self.session_id != session_id or self.upset_pct is None:
            return self
        if self.before_pct is None:
            return self.freed()
        earlier_pct = min(100.0, self.before_pct + BELOW_PCT)
        return self.model_copy(update={"upset_pct": earlier_pct, "before_pct": None})

    def comfortable_at(self, level_pct: float) -> Self:
        """It was calm at this level, too; what upset it is not comfortable."""
        highest_pct = max(level_pct, self.comfortable_pct or 0.0)
        if self.upset_pct is not None and self.calm_sessions == 0:
            highest_pct = min(highest_pct, self.cap_pct or 0.0)
        return self.model_copy(update={"comfortable_pct": highest_pct or None})


def voided(levels: Mapping[Channel, ChannelLevel], session_id: str) -> dict[Channel, ChannelLevel]:
    """Each channel's, as it was before it upset the child in that session."""
    return {channel: level.voided(session_id) for channel, level in levels.items()}


class ChannelMemory:
    """The caps of one session, and what it teaches.

    Attributes:
        felt: What each channel was asked for at the last turn.
    """

    def __init__(self, kept: Mapping[Channel, ChannelLevel]) -> None:
        self.felt: Levels = {}
        self._kept = dict(kept)
        found = {channel: level.cap_pct for channel, level in kept.items()}
        self._caps = {channel: cap for channel, cap in found.items() if cap is not None}
        self._relaxed = dict(self._caps)
        self._upset: dict[Channel, float] = {}
        self._comfortable: dict[Channel, float] = {}
        self._lowest: dict[Channel, float] = {}
        self._calm_s = 0.0

    @property
    def caps(self) -> Levels:
        """What each channel is kept below; one that is not named has no cap."""
        return self._caps

    def see(self, felt: Levels, elapsed_s: float, *, calm: bool) -> None:
        """Each channel was asked for this; `calm` if the child is calm at it."""
        self.felt = felt
        if not calm:
            self._lowest, self._calm_s = {}, 0.0
            return
        self._lowest = {on: min(pct, self._lowest.get(on, pct)) for on, pct in felt.items()}
        self._calm_s += elapsed_s
        if self._calm_s >= COMFORTABLE_S:
            for channel, pct in self._lowest.items():
                self._comfortable[channel] = max(pct, self._comfortable.get(channel, 0.0))
            self._lowest, self._calm_s = {}, 0.0

    def note_upsetting(self, felt: Levels) -> None:
        """These levels upset the child; one that is hardly felt did not."""
        for channel, pct in felt.items():
            if round(pct, 3) >= LEAST_CAP_PCT:
                cap_pct = max(LEAST_CAP_PCT, pct - BELOW_PCT)
                self._upset[channel] = min(pct, self._upset.get(channel, pct))
                self._caps[channel] = min(cap_pct, self._caps.get(channel, cap_pct))
                self._relaxed[channel] = self._caps[channel]

    def lift(self, step_pct: float, *, by_caregiver: bool = False) -> None:
        """The intensity rises a step: so may the caps, as far as they were relaxed until now.

        Args:
            step_pct: What they rise by at most.
            by_caregiver: A caregiver's step is to be felt: lifted by it, whatever upset the child.
        """
        for channel, cap_pct in self._caps.items():
            limit_pct = 100.0 if by_caregiver else max(cap_pct, self._relaxed[channel])
            self._caps[channel] = min(limit_pct, cap_pct + step_pct)
            self._relaxed[channel] = max(self._relaxed[channel], self._caps[channel])

    def relax(self, elapsed_s: float) -> None:
        """Lets time pass: the next step up may lift a little more. Nothing rises by that."""
        for channel, pct in self._relaxed.items():
            self._relaxed[channel] = min(100.0, pct + RELAXES_PCT * elapsed_s / RELAXES_S)

    def taught(self, session_id: str, *, calm: bool) -> dict[Channel, ChannelLevel]:
        """What is kept from now on.

        Args:
            session_id: This session's.
            calm: It was calm to its end: what upset the child before is relaxed by a step.
        """
        levels = {on: self._after(on, session_id, calm=calm) for on in Channel}
        return {on: level for on, level in levels.items() if level != ChannelLevel()}

    def _after(self, channel: Channel, session_id: str, *, calm: bool) -> ChannelLevel:
        level = self._kept.get(channel, ChannelLevel())
        if channel in self._upset:
            level = level.after_upset(self._upset[channel], session_id)
        elif calm:
            level = level.after_calm()
        return level.comfortable_at(self._comfortable.get(channel, 0.0)) if calm else level
