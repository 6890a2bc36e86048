"""What an evaluation found, as tables of text: networks are the columns, figures the rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from calmloop.contract.messages.emotion import EMOTIONS

_SHARES = (
    "accuracy_7",
    "accuracy_3",
    "macro_f1",
    "calibration_error_before",
    "calibration_error_after",
)
_OF_THE_CARD = {
    "temperature": ("temperature",),
    "limit": ("limits", "card", "min_confidence"),
    "limit, positive": ("limits", "card", "min_confidence_positive"),
    "coverage": ("operating", "coverage"),
    "positive_called": ("operating", "positive_called"),
    "positive_wrong": ("operating", "positive_wrong"),
    "other_wrong": ("operating", "other_wrong"),
    "neutral called negative": ("operating", "neutral_as_negative"),
    "area under risk over coverage": ("selective", "aurc"),
    "the same, positive alone": ("selective", "aurc_positive"),
    "calibration error of the groups": ("selective", "group_calibration_error"),
    "positive limit for 5 % wrong here": ("limits", "positive_for_5_percent_wrong"),
    "card, PublicTest: float_accuracy": ("card_PublicTest", "float_accuracy"),
    "card, PublicTest: same_label": ("card_PublicTest", "same_label"),
}
"""Rows that a peer without a card does not have."""

_OF_VALENCE = {
    "r with the mean vote": "r",
    "root mean square error": "rmse",
    "r of a line fitted to the votes": "fitted_r",
    "its root mean square error": "fitted_rmse",
    "r of one half of the voters with the other": "people_r",
}

_OF_A_GROUP = ("wrong", "neutral_as_negative")


@dataclass(frozen=True)
class Rows:
    """A table: a title, the networks' names, and rows of a name with one text a network."""

    title: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(results: Sequence[dict[str, Any]], part: str) -> Iterator[Rows]:
    """All that results of one part of the data hold."""
    title = f"{results[0]['faces']} faces of {part}"
    if absent := results[0]["absent"]:
        title += f"; none shows {', '.join(absent)}: left out of macro_f1"
    names = tuple(result["model"] for result in results)
    yield Rows(title, names, tuple(_metrics(results)))
    yield Rows("precision / recall, %", names, tuple(_per_class(results)))
    if valence := results[0]["valence"]:
        title = f"valence, -1 to 1, on {valence['faces']:.0f} faces with FER+ votes"
        yield Rows(title, names, tuple(_valence(results)))
    if results[0]["traits"]:
        title = "by group: labelled, of these wrong, neutral called negative (95 %), %"
        yield Rows(title, names, tuple(_by_trait(results)))
    if "corrupted" in results[0]:
        yield Rows("corrupted: 7 classes / 3 groups, %", names, tuple(_corrupted(results)))
    if "spoiled" in results[0]:
        title = "spoiled: labelled, of these wrong, of positive wrong (95 %), %; ECE; AURC"
        yield Rows(title, names, tuple(_spoiled(results)))


def _valence(results: Sequence[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for name, key in _OF_VALENCE.items():
        yield name, *(f"{result['valence'][key]:.3f}" for result in results)


def _by_trait(results: Sequence[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for trait, values in results[0]["traits"].items():
        for value, told in values.items():
            cells = (_trait_cell(result["traits"][trait][value]) for result in results)
            yield f"{trait} {value} ({told['faces']})", *cells


def _trait_cell(told: dict[str, Any]) -> str:
    shares = (f"{_share(told[name])}{_between(told[f'{name}_95'])}" for name in _OF_A_GROUP)
    return " / ".join((_share(told["labelled"]), *shares))


def _between(ends: Sequence[float] | None) -> str:
    return "" if ends is None else f" ({'-'.join(map(_share, ends))})"


def _metrics(results: Sequence[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for key in _SHARES:
        yield key, *(_share(result[key], "{:.4f}", 1) for result in results)
    for name, path in _OF_THE_CARD.items():
        yield name, *(_cell(result, path) for result in results)
    yield "bytes", *(f"{result['bytes']}" for result in results)
    for runtime in results[0]["latency_ms"]:
        cells = (f"{result['latency_ms'][runtime]:.3f}" for result in results)
        yield f"ms a face, {runtime}", *cells


def _per_class(results: Sequence[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for emotion in EMOTIONS:
        pairs = ((result["precision"][emotion], result["recall"][emotion]) for result in results)
        yield emotion, *(" / ".join(map(_share, pair)) for pair in pairs)


def _corrupted(results: Sequence[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for kind in results[0]["corrupted"]:
        pairs = (result["corrupted"][kind].values() for result in results)
        yield kind, *(" / ".join(map(_share, pair)) for pair in pairs)


def _spoiled(results: Sequence[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for way in results[0]["spoiled"]:
        yield way, *(_spoiled_cell(result["spoiled"][way]) for result in results)


def _spoiled_cell(told: dict[str, Any]) -> str:
    if "wrong" not in told:
        return _share(told["labelled"])
    shares = (told["labelled"], told["wrong"], told["positive_wrong"])
    return (
        f"{' / '.join(map(_share, shares))}{_between(told['positive_wrong_95'])}; "
        f"{told['ece']:.3f}; {told['aurc']:.3f}"
    )


def _share(share: float | None, form: str = "{:.1f}", factor: float = 100) -> str:
    return "-" if share is None else form.format(factor * share)


def _cell(result: dict[str, Any], path: Sequence[str]) -> str:
    found: Any = result
    for key in path:
        found = found.get(key, {})
    return "-" if found in ({}, None) else str(found)
