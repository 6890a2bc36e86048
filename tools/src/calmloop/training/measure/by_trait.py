"""What a network says of each group of faces, where the data tell groups apart."""

from typing import Any

import numpy as np

from calmloop.contract.messages.emotion import Label
from calmloop.statistics.wilson import wilson
from calmloop.training.data.traits import by_size
from calmloop.training.measure import calling
from calmloop.training.measure.candidate import CandidateAnswers
from calmloop.training.measure.metrics import GROUP_ORDER, group_of

Shares = dict[str, Any]


def by_trait(answers: CandidateAnswers) -> dict[str, dict[str, Shares]]:
    """Of each trait that has several values, and of each value: `faces`, and shares, 0 to 1.

    `labelled` of all; `wrong` of the labelled; `neutral_as_negative` of the neutral, None where
    none is. The latter two with the ends of their 95 % after Wilson.
    """
    called, likeliest = answers.called()
    truth = answers.faces.emotion
    is_wrong = called & (group_of(truth) != likeliest)
    is_neutral = truth == calling.NEUTRAL
    is_distress = is_neutral & called & (likeliest == GROUP_ORDER.index(Label.NEGATIVE))
    told: dict[str, dict[str, Shares]] = {}
    for trait, values in answers.faces.traits.items():
        if len(there := sorted(np.unique(values), key=by_size)) < 2:
            continue
        told[trait] = {
            str(value): {
                "faces": int(of.sum()),
                "labelled": round(float(called[of].mean()), 4),
                **_share("wrong", int(is_wrong[of].sum()), int(called[of].sum())),
                **_share(
                    "neutral_as_negative", int(is_distress[of].sum()), int(is_neutral[of].sum())
                ),
            }
            for value in there
            for of in (values == value,)
        }
    return told


def _share(name: str, hits: int, of: int) -> Shares:
    if not of:
        return {name: None, f"{name}_95": None}
    between = wilson(hits / of, of)
    return {name: round(hits / of, 4), f"{name}_95": [round(float(end), 4) for end in between]}
