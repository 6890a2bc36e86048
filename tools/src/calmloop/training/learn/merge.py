"""One network out of several runs: the mean of their weights (Wortsman et al., 2022).

Runs that went on from one another lie in one basin, where the mean of the weights is about as good
as the mean of the answers and costs nothing at run time. With the network that they started from
among them, what they unlearned comes back in part.
"""

from collections.abc import Mapping
from pathlib import Path

import keras

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import FACE_SIDE_PX, Faces
from calmloop.training.data.readers import load_faces
from calmloop.training.learn.checkpoint import (
    FloatArrays,
    read_variables,
    save_weights,
    write_variables,
)
from calmloop.training.learn.from_file import start_from_file
from calmloop.training.learn.recipe import Recipe, RecipeError
from calmloop.training.learn.runs import RunFolder
from calmloop.training.learn.train import INT8, best_weights
from calmloop.training.networks import build_network


def merge(shares: Mapping[Path, float], data: Path, out: Path) -> Recipe:
    """Writes a run folder, ready for export, that holds the mean of several runs' best weights.

    Args:
        shares: How much each counts: run folders, and `.tflite` files with their cards of the same
            network. They are scaled to 1 together; at least one is a folder, and the last folder's
            recipe is what the new one's says.
        data: The faces that they were trained on.
        out: A folder without a run.

    Returns:
        The recipe of the new folder.

    Raises:
        RecipeError: too few, other networks or another split, or `out` holds a run.
        DataError: for unusable data.
    """
    folder = RunFolder(out)
    if folder.recipe.exists():
        raise RecipeError(f"{out} holds a run: name another folder")
    faces = load_faces(data).to_train_on()
    recipe = _recipe(shares, faces)
    model = build_network(recipe.network, FACE_SIDE_PX, len(EMOTIONS))
    total = sum(shares.values())
    scaled = {path: share / total for path, share in shares.items()}
    parts = [
        [share * values for values in _weights(path, model, recipe, faces)]
        for path, share in scaled.items()
    ]
    out.mkdir(parents=True, exist_ok=True)
    save_weights(folder.best, [sum(values[1:], values[0]) for values in zip(*parts, strict=True)])
    named = {path.name: round(share, 4) for path, share in scaled.items()}
    merged = recipe.model_copy(update={"merged": named})
    folder.begin(merged, faces)
    return merged


def _recipe(shares: Mapping[Path, float], faces: Faces) -> Recipe:
    """The last folder's; RecipeError where these runs cannot be one."""
    folders = [path for path in shares if path.suffix != INT8]
    if len(shares) < 2 or not folders or min(shares.values()) <= 0:
        raise RecipeError("give two or more, a run folder among them, each with a share above 0")
    recipe = Recipe.load(RunFolder(folders[-1]).recipe)
    for path in folders:
        _check(path, recipe, faces)
    return recipe


def _check(path: Path, recipe: Recipe, faces: Faces) -> None:
    own = Recipe.load(RunFolder(path).recipe)
    if (own.network, own.split_by) != (recipe.network, recipe.split_by):
        raise RecipeError(
            f"{path} is of the network '{own.network}' or validates on other faces: merge runs of "
            "one network, seed, folds and validation_fraction"
        )
    RunFolder(path).check_data(faces)


def _weights(path: Path, model: keras.Model, recipe: Recipe, faces: Faces) -> FloatArrays:
    if path.suffix != INT8:
        values = best_weights(path)
        write_variables(model.weights, values)
        return values
    training, _ = recipe.split(faces)
    start_from_file(model, path, recipe, training.images)
    return read_variables(model.weights)
