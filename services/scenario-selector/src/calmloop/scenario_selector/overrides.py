"""What a caregiver may set over the engine's head, and what of it needs someone present."""

from collections.abc import Mapping

from calmloop.contract.messages.session import OverrideAction, OverrideCommand, OverrideState, Phase
from calmloop.scenario_selector.admission import RefusedError, find
from calmloop.scenario_selector.scenario import Scenario
from calmloop.scenario_selector.session import Session

RAISING = frozenset(
    {
        OverrideAction.MORE,
        OverrideAction.RELEASE,
        OverrideAction.SKIP,
        OverrideAction.SCENARIO,
    }
)
"""Actions that can raise an output; so can a ceiling above the present one."""

NEEDS_SESSION = frozenset({OverrideAction.MORE, OverrideAction.SKIP, OverrideAction.SCENARIO})
ADJUSTABLE = frozenset({Phase.RUNNING, Phase.MANUAL})


def needs_token(command: OverrideCommand, ceiling_pct: float) -> bool:
    """Whether `command` can raise an output, while the present ceiling is `ceiling_pct`."""
    if command.action is OverrideAction.CEILING:
        return (command.ceiling_pct or 0.0) > ceiling_pct
    return command.action in RAISING


def check(
    command: OverrideCommand,
    session: Session | None,
    library: Mapping[str, Scenario],
    ceiling_pct: float,
) -> None:
    """Sees to it that `command` makes sense now, while the present ceiling is `ceiling_pct`.

    Raises:
        RefusedError: it raises something, and there is nothing to raise, or nobody sees whom it
            is for.
    """
    phase = session.phase if session else Phase.IDLE
    if command.action in NEEDS_SESSION and phase not in ADJUSTABLE:
        raise RefusedError(f"'{command.action}' needs a running session; the phase is {phase}")
    if session is not None:
        _check_in_session(command, session, library, ceiling_pct)


def _check_in_session(
    command: OverrideCommand,
    session: Session,
    library: Mapping[str, Scenario],
    ceiling_pct: float,
) -> None:
    if session.is_felt and session.is_blind and needs_token(command, ceiling_pct):
        raise RefusedError(
            f"the face is not seen, so nothing may rise, and '{command.action}' could raise"
            " something: try again once it is"
        )
    if command.action is OverrideAction.MORE:
        _check_more(session)
    if command.action is OverrideAction.SCENARIO:
        plan = session.plan
        find(library, command.scenario or "", plan.profile, plan.chooser.learned.excluded)


def _check_more(session: Session) -> None:
    intensity = session.intensity
    if intensity.level_pct >= intensity.ceiling_pct:
        raise RefusedError(f"the intensity is at its ceiling of {intensity.ceiling_pct:g} %")


def after(state: OverrideState, command: OverrideCommand) -> OverrideState:
    """What is set once `command` is obeyed; steps and skips set nothing."""
    match command.action:
        case OverrideAction.HOLD:
            return state.model_copy(update={"hold": True})
        case OverrideAction.CEILING:
            return state.model_copy(update={"ceiling_pct": command.ceiling_pct})
        case OverrideAction.CHANNELS_OFF:
            off = sorted({*state.channels_off, *command.channels})
            return state.model_copy(update={"channels_off": tuple(off)})
        case OverrideAction.SCENARIO:
            return state.model_copy(update={"scenario": command.scenario})
        case OverrideAction.RELEASE:
            return OverrideState()
        case _:
            return state


def carry_out(
    command: OverrideCommand, session: Session, library: Mapping[str, Scenario], now_s: float
) -> None:
    """Does to a session what a checked `command` asks for beyond what it sets."""
    match command.action:
        case OverrideAction.HOLD | OverrideAction.RELEASE:
            session.is_warm_up_held = command.action is OverrideAction.HOLD
        case OverrideAction.LESS:
            session.lower_step(now_s)
        case OverrideAction.MORE:
            session.raise_step(now_s)
        case OverrideAction.SKIP:
            session.skip(now_s)
        case OverrideAction.SCENARIO:
            session.play(library[command.scenario or ""], now_s)
        case _:
            pass
