"""The ablation with several seeds: what an idea brings, and how much of that the draw may be."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from types import MappingProxyType
from typing import Any

from rich.table import Table

from calmloop.cli.outputs import write_text
from calmloop.training.learn.ablation import BASE, ablate, table
from calmloop.training.learn.recipe import Recipe

OVER: Mapping[str, str] = MappingProxyType(
    {
        "csam": "csam without its attention",
        "csam with EHORM": "csam",
        "csam with refinement": "csam",
        "csam with EHORM and refinement": "csam",
        "ghost without its Ghost modules": "ghost",
        "ghost without squeeze and excitation": "ghost",
        "ghost without multi-scale attention": "ghost",
    }
)
"""What an idea's gain is over: its own plain form; the base of those that are not here."""

Rows = list[dict[str, Any]]


def measured(
    data: Path, out: Path, base: Recipe, seeds: int, teacher: Path | None, ideas: Collection[str]
) -> Table:
    """The rows of ``ablate``, or with several seeds those of ``ablate_over_seeds``, to be shown."""
    if seeds == 1:
        title = "validation, %; gain over the base in points, and its standard error"
        return table(ablate(data, out, base, teacher, ideas), title)
    title = "validation, %; gain over its plain form in points; mean and deviation over seeds"
    return table(ablate_over_seeds(data, out, base, seeds, teacher, ideas), title)


def ablate_over_seeds(
    data: Path,
    out: Path,
    base: Recipe,
    seeds: int,
    teacher: Path | None = None,
    ideas: Collection[str] = (),
) -> Rows:
    """``ablate`` with ``seeds`` seeds from the base's on; writes ``seeds.json`` after each.

    The first seed's runs are in ``out``, where ``ablate`` alone has them, so that an ablation of
    one seed can go on with more; the others' are in ``out/seed-K``. A seed draws the faces, too:
    those to train on and those for validation. Plain forms of the ideas asked for are trained
    besides. The rows are those of ``over_seeds``.
    """
    plain = {OVER[idea] for idea in ideas if idea in OVER}
    plain |= {OVER[idea] for idea in plain if idea in OVER}
    done: list[Rows] = []
    for seed in range(base.seed, base.seed + seeds):
        folder = out if seed == base.seed else out / f"seed-{seed}"
        recipe = base.model_copy(update={"seed": seed})
        done.append(ablate(data, folder, recipe, teacher, sorted({*ideas, *plain})))
        write_text(out / "seeds.json", json.dumps(over_seeds(done), indent=1) + "\n")
    return over_seeds(done)


def over_seeds(seeds: Sequence[Rows]) -> Rows:
    """One row for each idea, from its rows of ``ablate`` with each seed.

    Each has mean and the sample's standard deviation over the seeds (0 of one) of the accuracy of
    7 and of 3, and of the gain in accuracy of 7 over its plain form with the same seed and faces,
    in points; and the least and the largest gain.
    """
    by_idea = [{row["idea"]: row for row in rows} for rows in seeds]
    made = []
    for idea in by_idea[0]:
        plain = OVER.get(idea, BASE)
        rows = [found[idea] for found in by_idea]
        gains = [found[idea]["accuracy_7"] - found[plain]["accuracy_7"] for found in by_idea]
        made.append(
            {
                "idea": idea,
                "seeds": len(rows),
                "accuracy_7": _spread([row["accuracy_7"] for row in rows]),
                "accuracy_3": _spread([row["accuracy_3"] for row in rows]),
                "over": "" if idea == plain else plain,
                "gain": _spread(gains),
                "least": round(min(gains), 1),
                "largest": round(max(gains), 1),
            }
        )
    return made


def _spread(values: Sequence[float]) -> str:
    deviation = stdev(values) if len(values) > 1 else 0.0
    return f"{mean(values):.1f} ± {deviation:.1f}"
