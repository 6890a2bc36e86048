"""What is usual for a child, as it is kept over its sessions: the norm of each signal."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from calmloop.scenario_selector.distress.norms import Norm
from calmloop.scenario_selector.distress.signals import MODELS, Cue


def _of_known_signals(data: Any) -> Any:
    """Without those of signals that this version does not know: none of them is looked at."""
    if not isinstance(data, Mapping):
        return data
    return {key: norm for key, norm in data.items() if key in set(Cue)}


def _within_range(norms: dict[Cue, Norm]) -> dict[Cue, Norm]:
    """Refuses what no calm child shows: a record must not make distress usual.

    Raises:
        ValueError: a mean or spread is out of range.
    """
    for signal, norm in norms.items():
        model = MODELS[signal]
        width = model.highest - model.lowest
        if not model.lowest <= norm.mean <= model.max_usual:
            bounds = f"{model.lowest:g} to {model.max_usual:g}"
            raise ValueError(f"{signal.value}: mean = {norm.mean:g} is not within {bounds}")
        if norm.spread > width:
            raise ValueError(f"{signal.value}: spread = {norm.spread:g} is over {width:g}")
    return norms


Usual = Annotated[
    dict[Cue, Norm], BeforeValidator(_of_known_signals), AfterValidator(_within_range)
]
"""Norms by signal; of one that was never seen in calm there is none."""
