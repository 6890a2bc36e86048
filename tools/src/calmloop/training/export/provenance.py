"""What a card says of the data that a network was trained on."""

from dataclasses import dataclass
from enum import StrEnum


class DataSet(StrEnum):
    """Data sets that we know; all else is ``other``."""

    FER_2013 = "fer2013"
    RAF_DB = "raf-db"
    OTHER = "other"


@dataclass(frozen=True)
class Provenance:
    """A data set's name, what it permits, and whom it shows."""

    name: str
    licence: str
    limits: tuple[str, ...]


_ADULTS = (
    "Trained on adults' posed and in-the-wild faces from the web, not on children and not on "
    "autistic children, whose expressions can differ: anger read as happiness is a known failure."
)

PROVENANCE = {
    DataSet.FER_2013: Provenance(
        "FER-2013",
        "FER-2013 was released for research (ICML 2013 challenge) and its pictures belong to their "
        "owners. Clear the rights, or train on your own data, before any commercial use.",
        (
            _ADULTS,
            "FER-2013's own labels are noisy: people agree with them on about two faces in three.",
        ),
    ),
    DataSet.RAF_DB: Provenance(
        "RAF-DB, basic emotions",
        "RAF-DB is for non-commercial research only.",
        (_ADULTS,),
    ),
    DataSet.OTHER: Provenance(
        "not stated",
        "What the data permit is not stated here: ask whoever trained it.",
        ("On whom it was trained is not stated here: ask before you rely on it.",),
    ),
}

VOTES_LICENCE = "FER+ votes are under the MIT licence (Microsoft)."
WEIGHTS_LICENCE = "Weights: Apache-2.0, as far as the training data permit."

INTENDED_USE = (
    "A hint for a caregiver-supervised relaxation chair, smoothed over seconds and never alone "
    "a reason to raise a stimulus without limits. Not a diagnosis, not a measure of what a person "
    "feels."
)
LIMITS = (
    "Needs a frontal face of 48 pixels or more; turned, covered or dark faces are read worse.",
    "Expression is not emotion: a calm face does not prove a calm child.",
)
"""What holds whatever the data were."""
