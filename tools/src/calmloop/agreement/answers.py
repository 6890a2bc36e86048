"""Reads who called which item what: experts' labels and systems' predictions.

A file has a header and two columns: ``item`` (a picture, a clip, a moment; any text) and ``label``
when a person wrote it or ``prediction`` when a system did. The answers are negative, neutral,
positive, or one of the seven emotions, which stands for its group; a system may also say unknown,
and a person unsure, which leaves the item out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from calmloop.base.errors import InputError
from calmloop.cli.tables import columns_of, read_table
from calmloop.contract.messages.emotion import GROUPS, Label

ITEM = "item"
UNSURE = "unsure"
GROUP_ORDER: tuple[Label, ...] = tuple(GROUPS)
GROUP_NAMED = {group.value: group for group in GROUPS} | {
    emotion: group for group, emotions in GROUPS.items() for emotion in emotions
}
"""What an answer may be called: a group's own name, or one of its emotions."""
_AMBIGUOUS = "surprise"
"""In no group; from a system it counts as unknown, as it does in the classifier."""


class AgreementError(InputError):
    """The files cannot be compared; the message names file, line, value and the next step."""


class Rater(StrEnum):
    """Who answers; the value is the column that its answers are in."""

    EXPERT = "label"
    SYSTEM = "prediction"


@dataclass(frozen=True)
class RaterAnswers:
    """One rater's answers, by item, and the items that an expert would not decide."""

    name: str
    rater: Rater
    by_item: Mapping[str, Label]
    unsure: frozenset[str] = frozenset()


def read_answers(path: Path) -> RaterAnswers:
    """One file; its header says whether a person or a system answers, its stem is the name.

    Raises:
        AgreementError: for a missing file or column, an unknown answer, and an item named twice.
    """
    by_item: dict[str, Label] = {}
    unsure: set[str] = set()
    rater = _rater_of(path, columns_of(path, AgreementError))
    for line, row in read_table(path, (ITEM, rater.value), AgreementError, whole_rows=False):
        place = f"{path} line {line}"
        item, answer = row[ITEM], row[rater.value].lower()
        if not item or item in by_item or item in unsure:
            raise AgreementError(
                f"{place}: item {item!r} is empty or named before; one row an item"
            )
        if rater is Rater.EXPERT and answer == UNSURE:
            unsure.add(item)
        else:
            by_item[item] = _group_of(answer, rater, place)
    if not by_item:
        raise AgreementError(f"{path} holds no answer; a row an item is expected below the header")
    return RaterAnswers(path.stem, rater, by_item, frozenset(unsure))


def _rater_of(path: Path, columns: list[str]) -> Rater:
    present = {name.casefold() for name in columns}
    found = [rater for rater in Rater if rater.value in present]
    if ITEM not in present or len(found) != 1:
        raise AgreementError(
            f"{path} has the columns {', '.join(sorted(present)) or 'none'}; 'item' and "
            "either 'label' (a person's) or 'prediction' (a system's) are expected"
        )
    return found[0]


def _group_of(answer: str, rater: Rater, place: str) -> Label:
    if answer in GROUP_NAMED:
        return GROUP_NAMED[answer]
    if rater is Rater.SYSTEM and answer in {Label.UNKNOWN.value, _AMBIGUOUS}:
        return Label.UNKNOWN
    doubt = Label.UNKNOWN.value if rater is Rater.SYSTEM else UNSURE
    expected = ", ".join((*GROUP_NAMED, doubt))
    raise AgreementError(f"{place}: {rater.value} is {answer!r}; one of {expected} is expected")
