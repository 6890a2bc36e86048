"""What a classifier is: the seam at which another network or runtime is put in its place."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
"""Gray picture, shape (height, width), 0 black to 255 white."""
Logits = NDArray[np.float32]
"""Log-probabilities, not normalised, shape (7,), as in `calmloop.contract.messages.emotion`."""


@dataclass(frozen=True)
class ModelCalibration:
    """What turns a network's logits into probabilities and probabilities into labels.

    Attributes:
        temperature: Logits are divided by it (Guo et al., 2017), fitted on held-out faces.
        min_confidence: Probability that a group has to exceed to be named.
        min_confidence_positive: The same for positive, which can raise the stimulus; 1 is never.
        neutral_prior: Added to neutral's logit, so divided: where the chair stands most faces are
            neutral, and among the training faces few are (Saerens et al., 2002).
        doubt_logit: What stands beside the logits, so divided, for "cannot be read"; None where the
            network does not know.
    """

    temperature: float
    min_confidence: float
    min_confidence_positive: float
    neutral_prior: float = 0.0
    doubt_logit: float | None = None


class Classifier(Protocol):
    """Judges one face and remembers nothing."""

    name: str
    calibration: ModelCalibration

    def logits(self, crop: Gray) -> Logits:
        """The network's output for one face.

        Args:
            crop: Square, of any size, uint8; scaled to the network's own input size.
        """
