"""The shipped network's own answers to labelled faces: what a simulated child's face is read as.

Kept are the network's int8 outputs as they are, and each face's label; no picture. `measure` makes
the file, `load` reads it, and calibration and limits are applied as emotion-classifier does.
"""

import io
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from calmloop.base.errors import InputError
from calmloop.contract.messages.emotion import EMOTIONS, DoubtReason, Label
from calmloop.emotion_classifier import ModelCalibration, read

SHIPPED = "answers.npz"
_KEYS = {"outputs", "emotion", "provenance"}


class AnswersError(InputError):
    """A file of answers cannot be used; the message names it and says what to do."""


class Answer(NamedTuple):
    """What the classifier says of one face, as `emotion/state` carries it.

    Attributes:
        label: A group, or unknown.
        confidence: Probability of the label's group; 0 when unknown.
        valence: P(positive) - P(negative), -1 to 1.
        p_positive: Probability of happy, which a faint smile has little of.
        reason: Why it is unknown.
    """

    label: Label
    confidence: float
    valence: float
    p_positive: float
    reason: DoubtReason | None


@dataclass(frozen=True)
class Answers:
    """Answers to many faces.

    Attributes:
        readings: One for each face.
        emotion: The faces' labels, (N,) 0 to 6 in the order of EMOTIONS.
        provenance: Model with its SHA-256, data set, part and count.
    """

    readings: tuple[Answer, ...]
    emotion: npt.NDArray[np.int64]
    provenance: dict[str, Any]

    def showing(self, *emotions: str) -> npt.NDArray[np.int64]:
        """Indices of the faces whose label is one of these."""
        wanted = [EMOTIONS.index(name) for name in emotions]
        return np.flatnonzero(np.isin(self.emotion, wanted))

    @property
    def valence(self) -> npt.NDArray[np.float64]:
        """Valence of each, (N,)."""
        return np.array([answer.valence for answer in self.readings])


@lru_cache(maxsize=2)
def load(path: Path | None = None) -> Answers:
    """Reads a file of answers, by default the one that ships.

    Raises:
        AnswersError: it is missing or is no file of answers.
    """
    place = path or files(__package__) / SHIPPED
    try:
        with np.load(io.BytesIO(place.read_bytes()), allow_pickle=False) as packed:
            arrays = {name: packed[name] for name in packed.files}
        if missing := _KEYS - arrays.keys():
            raise ValueError(f"it lacks {', '.join(sorted(missing))}")
        provenance = json.loads(str(arrays["provenance"]))
        return _answers(arrays["outputs"], arrays["emotion"], provenance)
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise AnswersError(
            f"{place} is no file of answers ({error}): make one with `calmloop measure-answers`"
        ) from error


def _answers(
    outputs: npt.NDArray[np.int8], emotion: npt.NDArray[np.uint8], provenance: dict[str, Any]
) -> Answers:
    """Raises ValueError for arrays that do not fit each other."""
    if outputs.shape != (len(emotion), len(EMOTIONS)) or not len(emotion):
        raise ValueError(f"outputs are {outputs.shape} and labels {emotion.shape}")
    scale, zero = float(provenance["output_scale"]), int(provenance["output_zero_point"])
    calibration = ModelCalibration(**provenance["calibration"])
    logits = ((outputs.astype(np.int32) - zero) * scale).astype(np.float32)
    readings = tuple(_answer(row, calibration) for row in logits)
    return Answers(readings, emotion.astype(np.int64), provenance)


def _answer(logits: npt.NDArray[np.float32], calibration: ModelCalibration) -> Answer:
    seen = read(logits, calibration)
    return Answer(seen.label, seen.confidence, seen.valence, seen.scores["happy"], seen.reason)


def pack(
    logits: npt.NDArray[np.float32],
    emotion: npt.NDArray[np.int64],
    provenance: dict[str, Any],
) -> bytes:
    """A file of answers.

    Args:
        logits: Shape (N, 7), each a multiple of the output's scale.
        emotion: Labels, (N,) 0 to 6.
        provenance: With `output_scale`, `output_zero_point` and `calibration`.
    """
    scale, zero = provenance["output_scale"], provenance["output_zero_point"]
    outputs = (np.rint(logits / scale) + zero).astype(np.int8)
    file = io.BytesIO()
    np.savez_compressed(
        file,
        outputs=outputs,
        emotion=emotion.astype(np.uint8),
        provenance=np.array(json.dumps(provenance, sort_keys=True)),
    )
    return file.getvalue()
