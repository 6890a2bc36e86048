"""The training loop: warm-up and cosine, averaged weights, a checkpoint after every epoch."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.augment.mixing import mix
from calmloop.training.augment.spoil import spoil
from calmloop.training.data.faces import DataError, Faces, some_of
from calmloop.training.data.pixels import to_real
from calmloop.training.data.readers import load_faces
from calmloop.training.learn.average import AveragedWeights
from calmloop.training.learn.checkpoint import (
    EpochMetrics,
    FloatArrays,
    RunState,
    load_state,
    load_weights,
    read_variables,
    save_state,
    save_weights,
    write_variables,
)
from calmloop.training.learn.from_file import start_from_file
from calmloop.training.learn.from_imagenet import start_from_imagenet
from calmloop.training.learn.losses import JOINT_OUTPUTS, EmotionLoss, joint_losses, joint_trainer
from calmloop.training.learn.optimizer import build_optimizer
from calmloop.training.learn.recipe import Recipe, RecipeError
from calmloop.training.learn.runs import RunFolder
from calmloop.training.learn.targets import (
    class_weights,
    doubting,
    save_teacher,
    training_targets,
)
from calmloop.training.measure import metrics
from calmloop.training.networks import build_network
from calmloop.training.tflite.network import Int8Network

log = logging.getLogger(__name__)

INT8, PYTORCH = ".tflite", ".pth"

Progress = Callable[[int, int, int], None]
"""Called with epoch, batch and batches in the epoch."""


class Training:
    """One run: build or resume it, then train epoch by epoch.

    Raises:
        DataError: there are too few faces.
        RecipeError: the folder holds another run.
    """

    def __init__(self, recipe: Recipe, faces: Faces, folder: RunFolder) -> None:
        self.recipe, self.folder = recipe, folder
        keras.utils.set_random_seed(recipe.seed)
        keras.mixed_precision.set_dtype_policy(recipe.precision)
        all_faces = faces.to_train_on()
        is_new = not folder.checkpoint.is_file()
        if not is_new:
            folder.check_same(recipe, all_faces)
        self.train_faces, self.validation_faces = recipe.split(all_faces)
        self.batches = len(self.train_faces) // recipe.batch_size
        _check_enough(self.train_faces, self.validation_faces, recipe)
        share = len(self.validation_faces) / len(self.train_faces)
        self.sample = some_of(self.train_faces, share, recipe.seed)
        self.targets = training_targets(self.train_faces, recipe)
        self.class_weights = class_weights(self.train_faces.emotion)
        side_px = self.train_faces.images.shape[1]
        self.model = build_network(recipe.network, side_px, len(EMOTIONS))
        if is_new and recipe.start is not None:
            self._start(Path(recipe.start), all_faces)
        self.trainer = self._compiled()
        self.history: list[EpochMetrics] = []
        self.average = AveragedWeights(read_variables(self.model.weights), recipe.ema_decay)
        if is_new:
            folder.begin(recipe, all_faces)
        else:
            self._resume()

    def _start(self, parent: Path, all_faces: Faces) -> None:
        if parent.suffix == INT8:
            start_from_file(self.model, parent, self.recipe, self.train_faces.images)
        elif parent.suffix == PYTORCH:
            start_from_imagenet(self.model, parent)
        else:
            write_variables(self.model.weights, parent_weights(self.recipe, all_faces))

    def _compiled(self) -> keras.Model:
        """The network itself, or one around it that also knows the joint loss."""
        joint = self.recipe.joint
        trainer = self.model if joint is None else joint_trainer(self.model, joint)
        optimizer = build_optimizer(self.recipe, self.batches)
        if joint is None:
            loss = EmotionLoss(self.recipe.group_weight, doubt=self.recipe.learns_doubt)
            trainer.compile(optimizer, loss)
        else:
            trainer.compile(optimizer, **joint_losses(joint, self.recipe.group_weight))
        trainer.optimizer.build(trainer.trainable_variables)
        return trainer

    def _resume(self) -> None:
        state = load_state(self.folder.checkpoint)
        write_variables(self.trainer.variables, state.model)
        write_variables(self.trainer.optimizer.variables, state.optimizer)
        self.history = state.history
        steps = len(state.history) * self.batches
        self.average = AveragedWeights(state.average, self.recipe.ema_decay, steps)
        self.folder.write_history(self.history)
        log.info("resumed after epoch %d", len(self.history))

    def run(self, progress: Progress | None = None) -> list[EpochMetrics]:
        """Train the epochs that are left; a kill at any moment loses at most the current one."""
        for epoch in range(len(self.history), self.recipe.epochs):
            done = self._train_epoch(epoch, progress)
            is_best = all(done.validation_loss <= past.validation_loss for past in self.history)
            self.history.append(done)
            self._save(is_best)
            log.info(
                "epoch %d/%d loss %.4f validation loss %.4f accuracy %.4f, %.0f s%s",
                epoch + 1,
                self.recipe.epochs,
                done.loss,
                done.validation_loss,
                done.validation_accuracy,
                done.duration_s,
                " (best)" if is_best else "",
            )
        return self.history

    def _train_epoch(self, epoch: int, progress: Progress | None) -> EpochMetrics:
        started_s = time.monotonic()
        loss_of_epoch = 0.0
        self.trainer.reset_metrics()
        for n, (pictures, targets) in enumerate(self._batches_of(epoch)):
            # Keras gives the mean since the last reset, not this batch's loss.
            loss_of_epoch = self._train_batch(pictures, targets)
            self.average.update(self.model.weights)
            if progress:
                progress(epoch, n + 1, self.batches)
        self.average.catch_up(self.model.weights)
        seen, validation = self._logits_of_average()
        truth = self.validation_faces.emotion
        return EpochMetrics(
            epoch=epoch,
            loss=loss_of_epoch,
            validation_loss=metrics.cross_entropy(
                validation, truth, metrics.fit_temperature(validation, truth)
            ),
            training_accuracy=metrics.accuracy(seen, self.sample.emotion),
            validation_accuracy=metrics.accuracy(validation, truth),
            learning_rate=float(self.trainer.optimizer.learning_rate),
            duration_s=time.monotonic() - started_s,
        )

    def _batches_of(self, epoch: int) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
        seed, size = self.recipe.seed, self.recipe.batch_size
        order = np.random.default_rng((seed, epoch)).permutation(len(self.train_faces))
        for n in range(self.batches):
            rng = np.random.default_rng((seed, epoch, n))
            chosen = order[n * size : (n + 1) * size]
            pictures = self.recipe.augmentation(self.train_faces.images[chosen], rng)
            targets = self.targets[chosen]
            if self.recipe.mix_p:
                pictures, targets = mix(pictures, targets, rng, self.recipe.mix_p)
            if self.recipe.learns_doubt:
                how = {"p": self.recipe.spoil_p, "no_face_p": self.recipe.no_face_p}
                pictures, lost = spoil(pictures, rng, **how)
                targets = doubting(targets, lost)
            yield to_real(pictures), targets

    def _train_batch(self, pictures: npt.NDArray[Any], targets: npt.NDArray[Any]) -> float:
        answers: Any = targets
        weights: Any = targets @ self.class_weights if self.recipe.class_weights else None
        if self.recipe.joint is not None:
            answers = dict.fromkeys(JOINT_OUTPUTS, targets)
            weights = None if weights is None else dict.fromkeys(JOINT_OUTPUTS, weights)
        loss = self.trainer.train_on_batch(pictures, answers, sample_weight=weights)
        return float(np.ravel(loss)[0])

    def _logits_of_average(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Logits of as many training faces as there are for validation, and of those."""
        trained = read_variables(self.model.weights)
        write_variables(self.model.weights, self.average.values)
        parts = (self.sample, self.validation_faces)
        seen, validation = (predict_logits(self.model, faces.images) for faces in parts)
        write_variables(self.model.weights, trained)
        return seen, validation

    def _save(self, is_best: bool) -> None:
        state = RunState(
            read_variables(self.trainer.variables),
            read_variables(self.trainer.optimizer.variables),
            self.average.values,
            self.history,
        )
        if is_best:
            save_weights(self.folder.best, self.average.values)
        save_state(self.folder.checkpoint, state)
        self.folder.write_history(self.history)


def _check_enough(training: Faces, validation: Faces, recipe: Recipe) -> None:
    if len(training) < recipe.batch_size:
        raise DataError(
            f"{len(training)} faces to train on are fewer than a batch of {recipe.batch_size}; "
            "add faces, or make batches smaller (--batch-size)"
        )
    if not len(validation):
        raise DataError(
            f"none of {len(training)} faces is left for validation; add faces, or take a larger "
            "validation_fraction or --folds"
        )


def predict_logits(
    model: keras.Model, images: npt.NDArray[np.uint8], batch_size: int = 256
) -> npt.NDArray[np.float32]:
    """Logits (N, 7) float32 of faces (N, side, side) uint8."""
    # A call of the model itself would keep what a step back needs: gigabytes, on PyTorch.
    parts = [
        model.predict_on_batch(to_real(images[start : start + batch_size]))
        for start in range(0, len(images), batch_size)
    ]
    return np.concatenate(parts).astype(np.float32)


def best_weights(run: Path) -> FloatArrays:
    """The averaged weights of a run's best epoch; RecipeError when none has ended."""
    folder = RunFolder(run)
    if not folder.best.is_file():
        raise RecipeError(f"{run} holds no {folder.best.name}; train at least one epoch there")
    return load_weights(folder.best)


def parent_weights(recipe: Recipe, faces: Faces) -> FloatArrays:
    """The best weights of the run that a recipe starts from.

    Raises:
        RecipeError: that run learned from faces that this one validates on.
    """
    parent = RunFolder(Path(recipe.start or ""))
    weights = best_weights(parent.path)
    if parent.has_data(faces) and Recipe.load(parent.recipe).split_by != recipe.split_by:
        raise RecipeError(
            f"{parent.path} learned from faces that this run validates on; take its seed, folds "
            "and validation_fraction"
        )
    return weights


def save_opinion(run: Path, data: Path, out: Path) -> int:
    """Write the logits of all training faces to ``out``, of a run's best weights or an int8 file.

    Returns how many faces.

    Raises:
        RecipeError: the folder holds no finished epoch.
        DataError: for unusable data.
    """
    faces = load_faces(data).to_train_on()
    out.parent.mkdir(parents=True, exist_ok=True)
    save_teacher(out, faces.images, run_logits(run, faces))
    return len(faces)


def run_logits(run: Path, faces: Faces) -> npt.NDArray[np.float32]:
    """Logits (N, 7) that the best weights of a run, or an int8 file, give faces."""
    if run.suffix == INT8:
        return Int8Network(run).logits(faces.images)
    weights = best_weights(run)
    network = Recipe.load(RunFolder(run).recipe).network
    model = build_network(network, faces.images.shape[1], len(EMOTIONS))
    write_variables(model.weights, weights)
    return predict_logits(model, faces.images)


def train(
    recipe: Recipe, data: Path, out: Path, progress: Progress | None = None
) -> list[EpochMetrics]:
    """Train to the end, or go on where a killed run in ``out`` stopped; returns every epoch.

    Raises:
        DataError: for unusable data.
        RecipeError: ``out`` holds another run, or the recipe is that of merged ones.
    """
    if recipe.merged:
        raise RecipeError("merged runs are not trained: take the recipe of one of them")
    out.mkdir(parents=True, exist_ok=True)
    return Training(recipe, load_faces(data), RunFolder(out)).run(progress)
