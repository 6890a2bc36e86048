"""Draws how a run went."""

from matplotlib.figure import Figure

from calmloop.training.learn.runs import RunFolder


def draw_curves(folder: RunFolder) -> None:
    """Write the run's losses and accuracies over the epochs as a PNG."""
    history = folder.read_history()
    epochs = [entry["epoch"] + 1 for entry in history]
    figure = Figure(figsize=(9, 4), layout="constrained")
    losses, accuracies = figure.subplots(1, 2)
    losses.plot(epochs, [entry["loss"] for entry in history], label="training, as augmented")
    losses.plot(
        epochs,
        [entry["validation_loss"] for entry in history],
        label="validation, at the best temperature",
    )
    losses.set(title="loss", xlabel="epoch")
    for part in ("training", "validation"):
        shares = [100 * entry[f"{part}_accuracy"] for entry in history]
        accuracies.plot(epochs, shares, label=part)
    accuracies.set(title="accuracy on faces as they are, %", xlabel="epoch")
    for axes in (losses, accuracies):
        axes.legend()
        axes.grid(alpha=0.3)
        axes.xaxis.get_major_locator().set_params(integer=True)
    figure.savefig(folder.curves, dpi=120)
