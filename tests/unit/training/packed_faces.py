"""Faces as `fer2013.npz` has them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from calmloop.training.data.faces import Faces

NAME = "fer2013.npz"


def pack(faces: Faces, folder: Path, **other: npt.NDArray[np.generic]) -> Path:
    """Writes them into a folder, some arrays replaced."""
    arrays = {name: array for name, array in vars(faces).items() if name != "traits"}
    np.savez(folder / NAME, **(arrays | other))
    return folder
