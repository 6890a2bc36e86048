"""The curve as a picture."""

from pathlib import Path

from matplotlib.figure import Figure

from calmloop.voice.curve import CRYING, MAX_FALSE, MIN_CALLED, THRESHOLDS, Scores


def draw(scores: Scores, threshold: float, path: Path) -> None:
    """Writes a PNG: the share of clips called crying over the threshold, a line a kind."""
    figure = Figure(figsize=(10, 5), layout="constrained")
    axes = figure.subplots()
    for kind in scores.kinds:
        shares = [100 * scores.called(kind, value).share for value in THRESHOLDS.tolist()]
        count = scores.called(kind, 0.0).count
        width = 2.5 if kind == CRYING else 1.2
        axes.plot(THRESHOLDS, shares, label=f"{kind} ({count})", linewidth=width)
    axes.axvline(threshold, color="black", linewidth=1.0, linestyle="--")
    axes.annotate(f"shipped: {threshold:g}", (threshold + 0.01, 60.0))
    for bound, text in ((MIN_CALLED, "crying, at least"), (MAX_FALSE, "others, at most")):
        axes.axhline(100 * bound, color="gray", linewidth=0.8, linestyle=":")
        axes.annotate(f"{text}: {100 * bound:g} %", (0.62, 100 * bound + 1.5), color="gray")
    axes.set(
        xlabel="threshold of the score",
        ylabel="clips called crying, %",
        xlim=(0, 1),
        ylim=(-2, 104),
        title="What is called crying at least once in 7 s",
    )
    axes.grid(alpha=0.3)
    axes.legend(title="sound (clips)", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.savefig(path, dpi=120)
