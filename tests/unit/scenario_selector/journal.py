"""A journal of all that goes into an engine and comes out of it, and its replay into another.

What an engine makes up itself, tokens and session ids, is mapped: the replayed one makes up others.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from calmloop.base.clock import ManualClock
from calmloop.base.freshness import Received
from calmloop.contract.messages.session import SessionState
from calmloop.scenario_selector.engine import Engine

PREFIXES = ("receive", "handle", "stop", "forget", "turn", "pop")
"""Of the methods that take something in or let something out."""


@dataclass(frozen=True)
class Entry:
    """One call.

    Attributes:
        at_ns: When it was, by the engine's clock.
        part: Of the engine; empty for itself.
        method: What was called.
        arguments: With what.
        result: What came back, as JSON where it is a message.
        state: Of the session afterwards, as JSON.
        names: Token and session id then.
    """

    at_ns: int
    part: str
    method: str
    arguments: tuple[Any, ...]
    result: Any
    state: str
    names: tuple[str, str]


class Journal:
    """Writes down what happens to an engine from now on."""

    def __init__(self, engine: Engine, clock: ManualClock) -> None:
        self.entries: list[Entry] = []
        self._engine = engine
        self._clock = clock
        self._depth = 0
        for part, owner in _parts(engine).items():
            for method in methods(owner):
                setattr(owner, method, self._noted(part, method, getattr(owner, method)))

    def _noted(self, part: str, method: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            self._depth += 1
            try:
                result = call(*arguments)
            finally:
                self._depth -= 1
            if self._depth == 0:
                self._note(part, method, arguments, result)
            return result

        return noted

    def _note(self, part: str, method: str, arguments: tuple[Any, ...], result: Any) -> None:
        at_ns = self._clock.monotonic_ns()
        self.entries.append(_entry(at_ns, part, method, arguments, result, self._engine.state))


def replay(
    entries: list[Entry], engine: Engine, clock: ManualClock
) -> Iterator[tuple[Entry, Entry]]:
    """Feeds what was written down to a fresh engine; yields each entry and what came of it now."""
    names: dict[str, str] = {}
    parts = _parts(engine)
    for entry in entries:
        clock.advance((entry.at_ns - clock.monotonic_ns()) / 1e9)
        arguments = tuple(_renamed(argument, names) for argument in entry.arguments)
        result = getattr(parts[entry.part], entry.method)(*arguments)
        again = _entry(
            clock.monotonic_ns(), entry.part, entry.method, entry.arguments, result, engine.state
        )
        names |= dict(zip(entry.names, again.names, strict=True))
        # What comes out names the token and the session of now alone.
        back = dict(zip(again.names, entry.names, strict=True))
        yield (
            entry,
            replace(
                again,
                result=_text(again.result, back),
                state=_text(again.state, back),
                names=entry.names,
            ),
        )


def methods(owner: object) -> list[str]:
    """Of the ways in and out that a part of the engine has."""
    found = [name for name in dir(owner) if name.startswith(PREFIXES)]
    return [name for name in found if callable(getattr(type(owner), name, None))]


def _parts(engine: Engine) -> dict[str, object]:
    surroundings = engine.surroundings
    return {"": engine, "surroundings": surroundings, "perception": surroundings.perception}


def _entry(
    at_ns: int,
    part: str,
    method: str,
    arguments: tuple[Any, ...],
    result: Any,
    state: SessionState,
) -> Entry:
    text = result.model_dump_json() if isinstance(result, BaseModel) else result
    names = (state.start_token, state.session_id)
    return Entry(at_ns, part, method, arguments, text, state.model_dump_json(), names)


def _renamed(argument: Any, names: dict[str, str]) -> Any:
    if isinstance(argument, Received):
        return replace(argument, message=_renamed(argument.message, names))
    if isinstance(argument, BaseModel):
        written = argument.model_dump_json()
        renamed = _text(written, names)
        return argument if renamed == written else type(argument).model_validate_json(renamed)
    return argument


def _text(text: Any, names: dict[str, str]) -> Any:
    if isinstance(text, str):
        for name, other in names.items():
            text = text.replace(name, other) if name else text
    return text
