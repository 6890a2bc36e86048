"""Draws how a run went."""

from matplotlib.figure import Figure

from .runs import RunFolder


def draw_curves(folder: RunFolder) -> None:
    """Write the run's losses and its validation accuracy over the epochs as a PNG."""
    history = folder.read_history()
    epochs = [entry["epoch"] + 1 for entry in history]
    figure = Figure(figsize=(9, 4), layout="constrained")
    losses, accuracies = figure.subplots(1, 2)
    losses.plot(epochs, [entry["loss"] for entry in history], label="training, as augmented")
    losses.plot(epochs, [entry["validation_loss"] for entry in history], label="validation")
    losses.set(title="cross-entropy", xlabel="epoch")
    losses.legend()
    accuracies.plot(epochs, [100 * entry["validation_accuracy"] for entry in history])
    accuracies.set(title="validation accuracy, %", xlabel="epoch")
    for axes in (losses, accuracies):
        axes.grid(alpha=0.3)
        axes.xaxis.get_major_locator().set_params(integer=True)
    figure.savefig(folder.curves, dpi=120)
