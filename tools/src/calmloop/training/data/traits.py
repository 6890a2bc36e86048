"""Who faces are of and how they are seen, from a `manifest.csv` beside their folders."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from calmloop.cli.tables import read_table
from calmloop.training.data.faces import DataError, Traits

MANIFEST = "manifest.csv"
FACE = "face"
CIRCUMSTANCES = ("pose", "light", "cover")
GROUPS = ("ancestry", "sex", "age_years", "skin_tone")
"""Columns: how a face is seen, and whose it is."""


def load_traits(folder: Path, paths: Sequence[Path]) -> Traits:
    """Each trait of the pictures of a folder, (N,) str; none without such a manifest.

    Its column `face` names each picture, relative to the folder.

    Raises:
        DataError: a picture is in no row.
    """
    manifest = folder / MANIFEST
    named = _named(manifest)
    if not named:
        return {}
    rows = {row[FACE]: row for _, row in read_table(manifest, (FACE, *named), DataError)}
    names = [path.relative_to(folder).as_posix() for path in paths]
    if missing := next((name for name in names if name not in rows), None):
        raise DataError(
            f"{manifest} has no row for {missing}: draw the pictures anew, or remove the manifest"
            " to go without groups"
        )
    return {trait: np.array([rows[name][trait] for name in names]) for trait in named}


def _named(manifest: Path) -> list[str]:
    """The traits that a manifest tells of faces."""
    if not manifest.is_file():
        return []
    with manifest.open(encoding="utf-8-sig", newline="") as file:
        header = [name.strip() for name in next(csv.reader(file), [])]
    return [name for name in (*GROUPS, *CIRCUMSTANCES) if name in header and FACE in header]


def by_size(value: str) -> tuple[float, str]:
    """By which values of a trait are sorted: numbers by size, names by letter."""
    try:
        return float(value), ""
    except ValueError:
        return 0.0, value
