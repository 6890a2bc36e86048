"""What a page shows: the scenarios, in one message; and what of a session's state is news."""

from collections.abc import Mapping
from pathlib import Path

from calmloop.base.errors import ConfigurationError
from calmloop.contract.messages.scenarios import ScenarioListState, ScenarioShown
from calmloop.contract.messages.session import SessionState
from calmloop.scenario_selector import scenario
from calmloop.scenario_selector.contraindications import CONTRAINDICATIONS
from calmloop.scenario_selector.scenario import Scenario

MAX_BYTES = 56 * 1024
"""A message has 64 KiB at most: what is beyond goes without its icon, then not at all."""


def listed(library: Mapping[str, Scenario], extra_dir: Path | None) -> ScenarioListState:
    """All scenarios, by title.

    Args:
        library: What may be played.
        extra_dir: Where icons of further scenarios are.
    """
    told, left = [], MAX_BYTES - len(str(CONTRAINDICATIONS))
    for playing in sorted(library.values(), key=lambda each: each.title.casefold()):
        shown = _shown(playing, _icon(playing.name, extra_dir))
        left -= len(shown.model_dump_json())
        if left < 0:
            left += len(shown.icon)
            shown = shown.model_copy(update={"icon": ""})
        if left < 0:
            break
        told.append(shown)
    return ScenarioListState(scenarios=told, contraindications=CONTRAINDICATIONS)


def _icon(name: str, extra_dir: Path | None) -> str:
    try:
        return scenario.icon(name, extra_dir) or ""
    except ConfigurationError:
        return ""  # a scenario plays without its picture


def _shown(playing: Scenario, icon: str) -> ScenarioShown:
    return ScenarioShown(
        name=playing.name,
        title=playing.title,
        titles={language.value: title for language, title in playing.titles.items()},
        description=playing.description,
        purpose=playing.purpose,
        contraindications=playing.contraindications,
        minutes=round(playing.duration_s / 60, 1),
        icon=icon,
    )


def essence_of(state: SessionState) -> SessionState:
    """What counts as a change: no minutes or sums, whole percents, and which signals there are."""
    return state.model_copy(
        update={
            "minutes_left": 0.0,
            "minutes_today": 0.0,
            "intensity_pct": round(state.intensity_pct),
            "distress_fast": 0.0,
            "distress_slow": 0.0,
            "signals": [(heard.name, heard.status) for heard in state.signals],
        }
    )
