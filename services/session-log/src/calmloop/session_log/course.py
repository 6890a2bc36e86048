"""A session as it is heard: where it begins, what changes in it and why, how it ends."""

from collections.abc import Iterator
from typing import Any

from calmloop.contract.messages.session import Change, Phase, SessionState
from calmloop.session_log.installation import HeardInstallation
from calmloop.session_log.records import LogEventKind

Told = tuple[LogEventKind, str, dict[str, Any]]
"""Kind, words, figures."""


LONGEST_MS = 3000
"""A state counts at most so long: it comes once a second."""


NO_STEPS = frozenset(
    {
        Change.STARTED,
        Change.SCENARIO,
        Change.CLOSING,
        Change.PAUSED,
        Change.RESUMED,
        Change.STOPPED,
    }
)
"""Changes of the intensity that belong to the course of every session."""
LEAST_STEP_PCT = 0.5
GLIDES_MS = 1500
"""What goes on moving within so long, one way and for one reason, is one step."""


class CourseSums:
    """Of a session: how strong it was on average, its steps, how much of the face was known."""

    def __init__(self) -> None:
        self._heard_ms = self._face_ms = 0
        self._intensity = self._known = 0.0
        self._steps = {True: 0, False: 0}
        self._moved: tuple[bool, str, str] | None = None
        self._moved_ms = 0

    def add(self, before: SessionState, state: SessionState, began_ms: int, now_ms: int) -> None:
        """Counts what one state said until the next one came, and the step between them."""
        lasted_ms = min(max(0, now_ms - began_ms), LONGEST_MS)
        self._heard_ms += lasted_ms
        self._intensity += before.intensity_pct * lasted_ms
        if (seen := before.evidence) is not None:
            self._face_ms += lasted_ms
            self._known += lasted_ms * (1 - seen.unknown / seen.readings if seen.readings else 0.0)
        by_pct = state.intensity_pct - before.intensity_pct
        if state.change not in NO_STEPS and abs(by_pct) >= LEAST_STEP_PCT:
            self._move((by_pct > 0.0, state.change.value, state.reason), now_ms)

    def _move(self, moved: tuple[bool, str, str], now_ms: int) -> None:
        goes_on = moved == self._moved and now_ms - self._moved_ms <= GLIDES_MS
        self._moved, self._moved_ms = moved, now_ms
        self._steps[moved[0]] += not goes_on

    def told(self) -> dict[str, float | None]:
        """For the record of its end; None where there was nothing to take a mean of."""
        return {
            "mean_pct": round(self._intensity / self._heard_ms, 1) if self._heard_ms else None,
            "known_share": round(self._known / self._face_ms, 3) if self._face_ms else None,
            "raised": self._steps[True],
            "lowered": self._steps[False],
        }


class HeardCourse:
    """The running session, and what was last heard of it."""

    def __init__(self) -> None:
        self.session = ""
        self.child = ""
        self.told = ""
        """The session that the last facts are of, an ended one too."""
        self._began_ms = 0
        self._max_pct = 0.0
        self._sums = CourseSums()
        self._before: SessionState | None = None
        self._before_ms = 0

    def follow(
        self, state: SessionState, installation: HeardInstallation, now_ms: int
    ) -> Iterator[Told]:
        """What `state` tells that is new."""
        if self._before is not None and state.session_id == self.session:
            self._sums.add(self._before, state, self._before_ms, now_ms)
        runs = state.phase is not Phase.IDLE and bool(state.session_id)
        if self.session and (not runs or state.session_id != self.session):
            yield self._end(state, now_ms)
        if not runs:
            return
        if state.session_id != self.session:
            yield self._begin(state, installation, now_ms)
        before = self._before or state
        yield from self._changes(before, state)
        self._before, self._before_ms = state, now_ms
        self._max_pct = max(self._max_pct, state.intensity_pct)

    def leave(self) -> None:
        """No session runs any more."""
        self.session, self._before = "", None

    def _begin(self, state: SessionState, installation: HeardInstallation, now_ms: int) -> Told:
        self.session = self.told = state.session_id
        self.child = state.profile or "default"
        self._began_ms, self._max_pct, self._before = now_ms, 0.0, None
        self._sums = CourseSums()
        data = {
            "mode": state.mode.value,
            "scenario": state.scenario,
            "choice": state.choice,
            "minutes": round(state.minutes_left, 1),
            "minutes_today": round(state.minutes_today, 1),
            "ceiling_pct": state.ceiling_pct,
            **installation.described(),
        }
        if state.phase is Phase.STARTING:
            return LogEventKind.SESSION_STARTED, state.choice, data
        heard = f"heard of from its phase '{state.phase}' on: the log was away before that"
        return LogEventKind.SESSION_RESUMED, heard, {**data, "phase": state.phase.value}

    def _end(self, state: SessionState, now_ms: int) -> Told:
        seen = state.session_id == self.session
        last = state if seen else self._before
        data = {
            "change": last.change.value if last else "",
            "minutes": round(max(0, now_ms - self._began_ms) / 60_000, 2),
            "max_pct": round(self._max_pct, 1),
            **self._sums.told(),
        }
        self.told, self.session = self.session, ""
        text = last.reason if last and seen else "its end was not seen"
        return LogEventKind.SESSION_ENDED, text, data

    def _changes(self, before: SessionState, state: SessionState) -> Iterator[Told]:
        first = self._before is None
        if first or state.phase is not before.phase:
            minutes = round(state.minutes_left, 1)
            yield LogEventKind.PHASE, state.phase.value, {"minutes_left": minutes}
        if (state.scenario, state.scenario_phase) != (before.scenario, before.scenario_phase):
            yield LogEventKind.SCENARIO, state.choice, _scenario(state)
        if first or (state.change, state.reason) != (before.change, before.reason):
            yield LogEventKind.CHANGE, state.reason, _change(before, state)
        if state.question != before.question:
            yield (
                LogEventKind.QUESTION,
                state.question or "answered",
                {"asked": bool(state.question)},
            )
        if state.distress != (before.distress and not first):
            yield LogEventKind.DISTRESS, state.reason, {"began": state.distress}


def _scenario(state: SessionState) -> dict[str, Any]:
    return {
        "scenario": state.scenario,
        "phase": state.scenario_phase,
        "scores": {score.scenario: round(score.score, 3) for score in state.scores},
    }


def _change(before: SessionState, state: SessionState) -> dict[str, Any]:
    seen = state.evidence
    return {
        "change": state.change.value,
        "from_pct": round(before.intensity_pct, 1),
        "to_pct": round(state.intensity_pct, 1),
        "label": seen.label.value if seen else None,
        "valence": round(seen.valence, 3) if seen else None,
        "confidence": round(seen.confidence, 3) if seen else None,
        "signals": {
            heard.name: {"status": heard.status.value, "log_odds_per_s": heard.log_odds_per_s}
            for heard in state.signals
        },
        "distress_fast": round(state.distress_fast, 3),
        "distress_slow": round(state.distress_slow, 3),
    }
