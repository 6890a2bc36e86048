"""A study's table beside the paper's, and what of the two may be compared."""

from calmloop.papers.frcnn.measure import Score, mean_and_deviation
from calmloop.papers.frcnn.settings import Backbone
from calmloop.papers.frcnn.study import Cell, Scores, of_each

PAPER_BACKBONE = {Backbone.VGG16: "81.6 %", Backbone.RESNET50_FPN: "89.3 %"}
PAPER_FOLDS = {Backbone.VGG16: "81.2 ± 0.53 %", Backbone.RESNET50_FPN: "89.1 ± 0.45 %"}
PAPER_WEIGHT = {1.0: "89.7 %", 5.0: "90.3 %", 10.0: "91.2 %", 15.0: "90.8 %"}
"""Zhou and Yang (2025), tables 5, 6 and 7: accuracy."""
STANDS_FOR = {
    Backbone.SMALL_PLAIN: Backbone.VGG16,
    Backbone.SMALL_RESIDUAL: Backbone.RESNET50_FPN,
}

COMPARED = (
    "May be compared: the rows of one table with one another, fold by fold, since all have the"
    " same pictures, epochs and seeds.",
    "May not be compared: a figure here with the paper's. It has 15,000 pictures of RAF-DB, CK+"
    " and NVIE, networks of 25 and 138 million parameters trained on ImageNet before, and does"
    " not say what its accuracy counts; here a face that is missed counts as wrong. Its tables"
    " 5 and 7 differ in the learning rate too, and a deviation is given for table 6 alone.",
)


def table(scores: Scores) -> str:
    """As Markdown: backbones, then weights of the box loss."""
    first = next(iter(scores)).box_weight
    swept = list(scores)[-1].backbone
    heads = "| accuracy, mean ± deviation | found | called right | overlap | false faces | time "
    rule = "| --- " * 9 + "|"
    lines = [f"| backbone, λ {first:g} {heads}| paper | paper, five folds |", rule]
    for cell, done in scores.items():
        if cell.box_weight == first:
            own = STANDS_FOR.get(cell.backbone, cell.backbone)
            paper = f"{own} {PAPER_BACKBONE[own]} | {PAPER_FOLDS[own]}"
            lines.append(f"| {cell.backbone} {_cells(done)} | {paper} |")
    lines += ["", f"| λ, {swept} {heads}| paper | folds here |", rule]
    for cell, done in scores.items():
        if cell.backbone is swept:
            told = PAPER_WEIGHT.get(cell.box_weight, "not in it")
            lines.append(f"| {cell.box_weight:g} {_cells(done)} | {told} | {len(done)} |")
    return "\n".join([*lines, "", *COMPARED])


def line(cell: Cell, fold: int, score: Score) -> str:
    """One fold in a line, as it ends."""
    return (
        f"{cell.name} fold {fold + 1}: accuracy {score.accuracy:.1%}, found {score.found:.1%}, "
        f"called right {score.called:.1%}, overlap {score.overlap:.2f}, "
        f"false faces {score.false_faces:.2f} a picture, {score.time_ms:.1f} ms"
    )


def _cells(done: list[Score]) -> str:
    mean, deviation = mean_and_deviation(of_each(done, "accuracy"))
    others = {name: mean_and_deviation(of_each(done, name))[0] for name in _OTHERS}
    told = (text.format(others[name]) for name, text in _OTHERS.items())
    return " | ".join((f"| {100 * mean:.1f} ± {100 * deviation:.1f} %", *told))


_OTHERS = {
    "found": "{:.1%}",
    "called": "{:.1%}",
    "overlap": "{:.2f}",
    "false_faces": "{:.2f}",
    "time_ms": "{:.1f} ms",
}
