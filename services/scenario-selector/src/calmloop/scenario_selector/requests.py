"""What a caregiver asks of a session that runs, beside pausing and finishing it."""

from collections.abc import Mapping

from calmloop.base.tokens import TokenIssuer
from calmloop.contract.messages.session import Phase, SessionAction, SessionCommand
from calmloop.scenario_selector.admission import RefusedError, allowed_of, refuse_if
from calmloop.scenario_selector.preferences import Preferences
from calmloop.scenario_selector.scenario import Scenario
from calmloop.scenario_selector.session import Session
from calmloop.scenario_selector.sitting import Sitting
from calmloop.scenario_selector.surroundings import Surroundings
from calmloop.scenario_selector.watch import ChildWatch


def resume(
    command: SessionCommand,
    session: Session | None,
    surroundings: Surroundings,
    tokens: TokenIssuer,
    now_s: float,
) -> None:
    """Goes on after a pause.

    Raises:
        RefusedError: nothing is paused, no face is in view, or nobody is present.
    """
    if session is None or session.phase is not Phase.PAUSED:
        raise RefusedError("no session is paused: nothing to resume")
    refuse_if(surroundings.face_blocker(session.plan.mode))
    refuse_if(tokens.use(command.token))
    session.resume(now_s)


def lost(command: SessionCommand) -> str:
    """What of a command is lost while no session runs, with what helps; empty if nothing."""
    if command.action is SessionAction.ANSWER:
        return "no session runs: nothing is asked"
    if command.action is SessionAction.FINISH and command.rating is not None:
        return (
            f"no session runs, so the rating of {command.rating} is not kept: rate the last one"
            " by learning/set, action 'rate'"
        )
    return ""


def answer(command: SessionCommand, watch: ChildWatch, tokens: TokenIssuer) -> None:
    """Answers a question: each answer says which; only one that raises nothing may be early.

    Raises:
        RefusedError: nothing is asked, another question comes first, another face is in view than
            was asked about, or nobody is present.
    """
    refuse_if(_outdated(command, watch))
    if command.asleep is not None:
        watch.sleep.answer(asleep=command.asleep)
        return
    of_face = command.child is not None
    if watch.identity.question and not of_face and not command.upset:
        raise RefusedError("the question is whose face is in view: answer it with 'child' first")
    if command.child or (not of_face and not command.upset):
        refuse_if(tokens.use(command.token))
    if command.child is None:
        watch.answer(upset=command.upset)
    else:
        watch.identity.answer(is_child=command.child)


def _outdated(command: SessionCommand, watch: ChildWatch) -> str:
    """Why nothing is asked that this answers, with what is; empty if something is."""
    if command.child is not None:
        field, asked = "child", watch.identity.question
    elif command.asleep is not None:
        field, asked = "asleep", watch.sleep.question
    else:
        field, asked = "upset", watch.arrival.question
    if not asked:
        others = watch.question or "nothing"
        return f"no question is open that '{field}' answers; what is asked now: {others}"
    if command.child and watch.identity.is_outdated:
        return "yet another face is in view than the one that was asked about: look, and try again"
    return ""


def allow_page(
    command: SessionCommand,
    sitting: Sitting | None,
    library: Mapping[str, Scenario],
    preferences: Preferences,
    tokens: TokenIssuer,
) -> None:
    """Allows the child's own page in this session.

    Raises:
        RefusedError: no session runs, or nobody is present.
    """
    if sitting is None:
        raise RefusedError("no session runs: start one, then allow the child's page in it")
    plan, arrival = sitting.session.plan, sitting.session.repertoire.arrival
    learned = plan.chooser.learned
    allowed = allowed_of(library, plan.profile, learned.excluded)
    chooser = preferences.chooser(learned, allowed, plan.profile)
    refuse_if(tokens.use(command.token))
    sitting.child.allow(library, chooser.ranked(arrival))
