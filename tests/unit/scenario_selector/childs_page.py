"""What a child does on its page and with its button in the tests, and what it is told."""

from calmloop.contract.messages.child import ChildAction
from calmloop.contract.messages.session import (
    OverrideAction,
)
from tests.unit.scenario_selector.harness import (
    NEUTRAL,
    STEP_S,
    Harness,
)

STEP_UP_PCT, STEP_DOWN_PCT = 5.0, 10.0


def more(harness: Harness, token: str | None) -> str | None:
    return harness.child(ChildAction.MORE, token=token)


def choose(harness: Harness, token: str | None, scenario: str) -> str | None:
    return harness.child(ChildAction.CHOOSE, token=token, scenario=scenario)


def refused(refusal: str | None, why: str) -> None:
    assert refusal is not None
    assert why in refusal, refusal


def offered(harness: Harness) -> list[str]:
    return [offer.scenario for offer in harness.state.offers]


def another(harness: Harness) -> str:
    return next(name for name in offered(harness) if name != harness.state.scenario)


def press(harness: Harness, held_s: float = STEP_S) -> None:
    harness.chair.less_pressed = True
    harness.show(NEUTRAL, held_s)
    harness.chair.less_pressed = False
    harness.show(NEUTRAL, STEP_S)


def raised(harness: Harness, steps: int = 6) -> None:
    for _ in range(steps):
        assert harness.override(OverrideAction.MORE, token=harness.token) is None
    harness.show(NEUTRAL, 31)
