"""Fits a classifier over time to what is labelled: the paper's optimizer, at every size."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch

from calmloop.papers.runs import Metrics, RunRecipe, run_epochs


class FitRecipe(RunRecipe, Protocol):
    """What of a recipe counts here; rate, its halving and batch are Zhang et al.'s."""

    @property
    def rate(self) -> float:
        """Adam's, at first."""

    @property
    def halved_every(self) -> int:
        """So many epochs the rate is halved."""

    @property
    def batch_size(self) -> int:
        """Examples at a time."""

    @property
    def epochs(self) -> int:
        """Passes over the examples."""


def fit(
    network: torch.nn.Module,
    recipe: FitRecipe,
    examples: tuple[Sequence[Any], Any],
    kept: tuple[Path, str],
    told: Callable[[int, Metrics], None],
) -> None:
    """Trains a network, which is then in evaluation; epochs that are done are not done again.

    Args:
        network: Gives logits (N, classes) and something else.
        recipe: As it is kept with the run.
        examples: The network's inputs, each (N, ...), and the classes, (N,) int64.
        kept: The run's folder, and a digest of the examples.
        told: Gets each epoch's loss and share that was right.

    Raises:
        InputError: the folder holds a run of another recipe, or on other examples.
    """
    (inputs, wanted), (out, digest) = examples, kept
    optimizer = torch.optim.Adam(network.parameters(), recipe.rate)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, recipe.halved_every, 0.5)

    def train_epoch(epoch: int) -> Metrics:
        network.train()
        total = right = 0.0
        for rows in torch.randperm(len(wanted)).split(recipe.batch_size):
            logits, _ = network(*(one[rows] for one in inputs))
            loss = torch.nn.functional.cross_entropy(logits, wanted[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(rows)
            right += int((logits.argmax(dim=1) == wanted[rows]).sum())
        schedule.step()
        metrics = {"loss": total / len(wanted), "accuracy": right / len(wanted)}
        told(epoch, metrics)
        return metrics

    parts = {"network": network, "optimizer": optimizer, "schedule": schedule}
    run_epochs(out, recipe, digest, parts, recipe.epochs, train_epoch)
    network.eval()
