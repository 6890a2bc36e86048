"""What the engine hears of the child in words for everyone, and going on without a part of it."""

from collections.abc import Mapping
from typing import Any

from calmloop.base.tokens import TokenIssuer
from calmloop.contract.messages.session import (
    HeardSignal,
    Phase,
    SessionCommand,
    SignalStatus,
)
from calmloop.scenario_selector.admission import RefusedError, refuse_if
from calmloop.scenario_selector.distress.fusion import Fusion
from calmloop.scenario_selector.distress.signals import Cue
from calmloop.scenario_selector.session import Session

ATTENTIVE = frozenset({Phase.BASELINE, Phase.RUNNING})
"""Phases in which it listens."""

CHILD_LESS = "less"
"""Its name among the signals."""

NOTHING = Fusion()
"""Of a session that there is not: it has heard nothing."""


def heard(session: Session | None, troubles: Mapping[Cue, str]) -> dict[str, Any]:
    """The fields of a session's state that say what is heard.

    Args:
        session: The running or last one.
        troubles: Why signals that come are not used.
    """
    fusion = session.watch.fusion if session and session.phase is not Phase.IDLE else NOTHING
    listens = session is not None and session.phase in ATTENTIVE
    known = {*fusion.said, *fusion.missing} if listens else set()
    return {
        "signals": [
            _heard(signal, fusion if signal in known else NOTHING, troubles.get(signal, ""))
            for signal in Cue
            if signal in known or signal in troubles
        ]
        + _asked(fusion if listens else NOTHING),
        "distress_fast": fusion.fast_share,
        "distress_slow": fusion.slow_share,
    }


def _asked(fusion: Fusion) -> list[HeardSignal]:
    """The child's own request for less, as a signal, while it stands; it is never missed."""
    if not fusion.asked_less:
        return []
    present, said = SignalStatus.PRESENT, fusion.asked_less
    return [HeardSignal(name=CHILD_LESS, status=present, log_odds_per_s=said)]


def _heard(signal: Cue, fusion: Fusion, trouble: str) -> HeardSignal:
    said = fusion.said.get(signal)
    status = SignalStatus.REFUSED if fusion is NOTHING else SignalStatus.MISSING
    norm = None if fusion is NOTHING else fusion.norm(signal)
    return HeardSignal(
        name=signal.value,
        status=status if said is None else SignalStatus.PRESENT,
        log_odds_per_s=said,
        mean=norm.mean if norm else None,
        spread=norm.spread if norm else None,
        trouble=trouble[:200],
    )


def dismiss(command: SessionCommand, session: Session | None, tokens: TokenIssuer) -> None:
    """Goes on without a missing signal, as a caregiver says; by that nothing rises.

    Raises:
        RefusedError: no session listens, that signal is not missing, or the token is no good.
    """
    if session is None or session.phase not in ATTENTIVE:
        raise RefusedError("no session listens to the child now: no signal is missed")
    if command.signal == Cue.FACE.value:
        raise RefusedError("the face cannot be dismissed: a session without it is manual")
    fusion = session.watch.fusion
    missing = sorted(signal.value for signal in fusion.missing - {Cue.FACE})
    if command.signal not in missing:
        named = ", ".join(missing) or "none"
        raise RefusedError(f"signal '{command.signal}' is not missing: {named} is missing")
    refuse_if(tokens.use(command.token))
    fusion.dismiss(Cue(command.signal))
