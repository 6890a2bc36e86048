"""Compares systems with the experts' common answer, overall and per group."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calmloop.agreement import kappa
from calmloop.agreement.answers import GROUP_ORDER, AgreementError, Rater, RaterAnswers
from calmloop.agreement.kappa import Estimate, Ints
from calmloop.contract.messages.emotion import Label

_CATEGORIES = (*GROUP_ORDER, Label.UNKNOWN)


@dataclass(frozen=True)
class GroupMetrics:
    """A system on one group: hits of those the experts called so, and kappa of this one or not."""

    hits: int
    kappa: Estimate


@dataclass(frozen=True)
class SystemMetrics:
    """A system against the experts; unknown counts as a wrong answer, and as a category."""

    name: str
    accuracy: Estimate
    kappa: Estimate
    unknown: int
    groups: Mapping[Label, GroupMetrics]


@dataclass(frozen=True)
class ExpertMetrics:
    """How far several experts agree with each other, overall and per group."""

    fleiss: Estimate
    groups: Mapping[Label, Estimate]


@dataclass(frozen=True)
class Agreement:
    """All metrics; ``undecided`` items, without a commonest label, take no part in the systems'.

    ``unsure`` items, which an expert would not decide, take no part at all.
    """

    experts: tuple[str, ...]
    items: int
    unsure: int
    undecided: int
    shown: Mapping[Label, int]
    among_experts: ExpertMetrics | None
    systems: tuple[SystemMetrics, ...]


def compare(answers: Sequence[RaterAnswers], seed: int = 0) -> Agreement:
    """Experts' commonest label against each system's answer.

    Raises:
        AgreementError: there is no expert, two have equal names, experts labelled different items,
            or a system leaves one out; what else a system answered is passed over.
    """
    experts, systems = _rated_by(Rater.EXPERT, answers), _rated_by(Rater.SYSTEM, answers)
    _check(answers, experts)
    unsure = frozenset[str]().union(*(expert.unsure for expert in experts))
    items = _items(answers, experts, unsure)
    votes = [Counter(expert.by_item[item] for expert in experts) for item in items]
    decided = _decided(items, votes)
    truth = np.array([_CATEGORIES.index(label) for label in decided.values()])
    return Agreement(
        experts=tuple(expert.name for expert in experts),
        items=len(items),
        unsure=len(unsure),
        undecided=len(items) - len(decided),
        shown={group: int((truth == n).sum()) for n, group in enumerate(GROUP_ORDER)},
        among_experts=_among(votes, seed) if len(experts) > 1 else None,
        systems=tuple(_against(system, list(decided), truth, seed) for system in systems),
    )


def _rated_by(rater: Rater, answers: Sequence[RaterAnswers]) -> list[RaterAnswers]:
    return [one for one in answers if one.rater is rater]


def _items(
    answers: Sequence[RaterAnswers], experts: Sequence[RaterAnswers], unsure: frozenset[str]
) -> list[str]:
    """Those that every expert labelled and none was unsure of, sorted."""
    items = sorted(experts[0].by_item.keys() - unsure)
    if not items:
        raise AgreementError("no item has a label of every expert; label more, or leave one out")
    for one in answers:
        _check_items(one, items, experts[0], unsure)
    return items


def _decided(items: Sequence[str], votes: Sequence[Counter[Label]]) -> dict[str, Label]:
    """The commonest label by item, where there is one."""
    tops = {item: _top(vote) for item, vote in zip(items, votes, strict=True)}
    decided = {item: label for item, label in tops.items() if label}
    if not decided:
        raise AgreementError("the experts share no commonest label on any item; add an expert")
    return decided


def _check(answers: Sequence[RaterAnswers], experts: Sequence[RaterAnswers]) -> None:
    if not experts:
        raise AgreementError("no file has a 'label' column; name at least one expert's labels")
    if len(answers) < 2:
        raise AgreementError("one rater agrees with nobody; name a second file")
    doubled = [name for name, count in Counter(one.name for one in answers).items() if count > 1]
    if doubled:
        raise AgreementError(f"two files are called {doubled[0]!r}; give each rater its own name")


def _check_items(
    one: RaterAnswers, items: Sequence[str], first: RaterAnswers, unsure: frozenset[str]
) -> None:
    missing = [item for item in items if item not in one.by_item]
    extra = len(one.by_item.keys() - unsure) - (len(items) - len(missing))
    if missing:
        raise AgreementError(
            f"{one.name} lacks {len(missing)} of the {len(items)} items of {first.name}, "
            f"{missing[0]!r} the first; a system that says nothing says unknown"
        )
    if extra and one.rater is Rater.EXPERT:
        raise AgreementError(
            f"{one.name} labels {extra} items that {first.name} does not; give both the same items"
        )


def _top(vote: Counter[Label]) -> Label | None:
    """The commonest label, or None when two are equally common."""
    ranked = vote.most_common(2)
    is_tied = len(ranked) == 2 and ranked[0][1] == ranked[1][1]
    return None if is_tied else ranked[0][0]


def _among(votes: Sequence[Counter[Label]], seed: int) -> ExpertMetrics:
    counts = np.array([[vote[group] for group in GROUP_ORDER] for vote in votes])
    return ExpertMetrics(
        fleiss=kappa.fleiss(counts, seed),
        groups={
            group: kappa.fleiss_of_category(counts, n, seed) for n, group in enumerate(GROUP_ORDER)
        },
    )


def _against(system: RaterAnswers, items: Sequence[str], truth: Ints, seed: int) -> SystemMetrics:
    prediction = np.array([_CATEGORIES.index(system.by_item[item]) for item in items])
    groups = {}
    for n, group in enumerate(GROUP_ORDER):
        is_truth, is_prediction = (truth == n).astype(np.int64), (prediction == n).astype(np.int64)
        hits = int((is_truth & is_prediction).sum())
        groups[group] = GroupMetrics(hits, kappa.cohen(is_truth, is_prediction, seed))
    return SystemMetrics(
        name=system.name,
        accuracy=kappa.accuracy(truth, prediction, seed),
        kappa=kappa.cohen(truth, prediction, seed),
        unknown=int((prediction == _CATEGORIES.index(Label.UNKNOWN)).sum()),
        groups=groups,
    )
