"""What anybody in the house may ask for: it lowers, and is no sign that a caregiver is there."""

from collections.abc import Mapping
from types import MappingProxyType

from calmloop.contract.messages.house import HouseAction
from calmloop.contract.messages.session import (
    OverrideAction,
    OverrideCommand,
    SessionAction,
    SessionCommand,
)
from calmloop.scenario_selector.engine import Engine

SESSION: Mapping[HouseAction, SessionAction] = MappingProxyType(
    {HouseAction.PAUSE: SessionAction.PAUSE, HouseAction.FINISH: SessionAction.FINISH}
)


def obey_house(engine: Engine, action: HouseAction) -> str | None:
    """Does it as if a caregiver had asked; returns why not, or nothing.

    The camera has a switch of its own.
    """
    if action is HouseAction.LESS:
        return engine.handle_override(OverrideCommand(action=OverrideAction.LESS))
    if action in SESSION:
        return engine.handle_command(SessionCommand(action=SESSION[action]))
    return None
