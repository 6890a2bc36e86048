"""A session in words, as a caregiver reads them, line by line."""

from collections.abc import Iterator

from calmloop.contract.messages.session import (
    HeardSignal,
    Mode,
    Phase,
    SessionState,
    SignalStatus,
)

SAID = 0.05
"""Log-odds a second; what says less is told as saying nothing."""


def described_session(state: SessionState) -> Iterator[str]:
    """What `session/state` says, a line for each thing that it speaks of.

    Args:
        state: The newest one.
    """
    if state.phase is Phase.IDLE:
        yield "no session runs"
        if state.session_id:
            yield f"the last one: '{state.profile}', {state.scenario}: {state.reason}"
    else:
        yield from _running(state)
    if state.distress:
        yield "distress: somebody must look after the child"
    if state.question:
        yield f"asked: {state.question} Answer with `calmloop session answer`"
    yield from map(_signal, state.signals)
    if state.trouble:
        yield f"trouble: {state.trouble}"


def what_child_may(state: SessionState) -> str:
    """What a page that is allowed may ask for."""
    offered = [f"{offer.scenario} ({offer.title})" for offer in state.offers]
    among = f", and choose among {', '.join(offered)}" if offered else ""
    return f"ask for less and more{among}"


def _running(state: SessionState) -> Iterator[str]:
    by_hand = ", by hand" if state.mode is Mode.MANUAL else ""
    yield (
        f"the session of '{state.profile}' is {state.phase}{by_hand}:"
        f" {state.minutes_left:.1f} min left, {state.minutes_today:.1f} min today"
    )
    then = f", next {state.next}" if state.next else ""
    part = f" ({state.scenario_phase})" if state.scenario_phase else ""
    yield f"scenario {state.scenario}{part}{then}"
    if state.pace:
        yield f"pace {state.pace}"
    why = f": {state.reason}" if state.reason else ""
    yield f"intensity {state.intensity_pct:.0f} % of at most {state.ceiling_pct:.0f} %{why}"
    if state.evidence is not None:
        seen = state.evidence
        yield f"face {seen.label}, valence {seen.valence:+.2f} from its baseline"
    yield (
        f"signs of distress: quick {state.distress_fast:.0%}, slow {state.distress_slow:.0%}"
        " of what lowers and of what halts"
    )
    if state.child_token:
        yield f"the child's page may {what_child_may(state)}"


def _signal(heard: HeardSignal) -> str:
    if heard.status is SignalStatus.MISSING:
        why = f": {heard.trouble}" if heard.trouble else ""
        return (
            f"signal {heard.name} is missing{why}: nothing rises until it is back, or"
            f" `calmloop session dismiss {heard.name}`"
        )
    if heard.status is SignalStatus.REFUSED:
        return f"signal {heard.name} is not used: {heard.trouble or 'no reason given'}"
    said = heard.log_odds_per_s or 0.0
    if abs(said) < SAID:
        return f"signal {heard.name} says nothing of distress"
    which = "for" if said > 0.0 else "against"
    return f"signal {heard.name} speaks {which} distress: {abs(said):.2f} log-odds a second"
