"""A network to be measured, and what it says of faces, as they are and spoiled."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from calmloop.contract.messages.emotion import Label
from calmloop.emotion_classifier import ModelCard, read_card
from calmloop.training.augment.spoilings import Spoiling, spoil_all
from calmloop.training.data.faces import Faces
from calmloop.training.measure import calling, selective
from calmloop.training.tflite.network import Int8Network
from calmloop.training.tflite.peers import FerNetwork, Peer, find_peer

Floats = npt.NDArray[np.float32]


class Network(Protocol):
    """Anything that turns faces (N, 48, 48) uint8 into logits (N, 7)."""

    def logits(self, images: npt.NDArray[np.uint8]) -> Floats:
        """Logits (N, 7) float32."""


@dataclass(frozen=True)
class Candidate:
    """A network to be measured, with what its card says of it.

    A peer has no card: its temperature is 1, and without ``limits`` nothing is said about doubt.
    """

    name: str
    path: Path
    network: Network
    temperature: float = 1.0
    limits: calling.Limits | None = None
    float_parent: dict[str, float] | None = None


def limits_of(card: ModelCard) -> calling.Limits:
    """What a card says of when its network's answers may be said."""
    return calling.Limits(
        **card.thresholds.model_dump(),
        doubt_logit=card.doubt_logit,
        neutral_prior=card.neutral_prior,
    )


def open_model(model: Path) -> Candidate:
    """A ``.tflite`` with its card beside it.

    Raises:
        CardError: they do not belong together.
    """
    card = read_card(model)
    return Candidate(
        name=f"{card.name} {card.version}",
        path=model,
        network=Int8Network(model),
        temperature=card.temperature,
        limits=limits_of(card),
        float_parent=card.metrics.get("float_agreement_PublicTest"),
    )


def open_peer(peer: Peer, environment: Path) -> Candidate:
    """A peer's network as it lies in its own environment.

    Raises:
        PeerError: it is not installed there.
    """
    path = find_peer(peer, environment)
    return Candidate(name=peer.value, path=path, network=FerNetwork(path))


class CandidateAnswers:
    """What a candidate says of faces (N); each picture is shown to it once.

    Each figure is of the faces as they are, or spoiled in one ``way``.
    """

    def __init__(self, candidate: Candidate, faces: Faces) -> None:
        self.candidate, self.faces = candidate, faces
        self._spoiled: dict[Spoiling, Floats] = {}

    def logits(self, way: Spoiling | None = None) -> Floats:
        """Shape (N, 7) float32."""
        if way is None:
            return self._clean
        if way not in self._spoiled:
            images = spoil_all(self.faces.images, way)
            self._spoiled[way] = self.candidate.network.logits(images)
        return self._spoiled[way]

    def operate(self, way: Spoiling | None = None) -> calling.Operating:
        """What the card's limits do.

        A network without limits names what is likelier than all else together.
        """
        return calling.operate(self.logits(way), *self._scale, self._limits)

    def called(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
        """Whether each face gets a label by those limits, and the index of its likeliest group."""
        return calling.call(self.logits(), self.candidate.temperature, self._limits)

    def risk(self, way: Spoiling | None = None, only: Label | None = None) -> selective.RiskCurve:
        """Risk over coverage of every group's calls, or of one group's alone."""
        return selective.risk_curve(self.logits(way), *self._scale, only, self._limits)

    def reliability(self, way: Spoiling | None = None) -> selective.ReliabilityCurve:
        """How often a group is right over its probability, at the base rates of these faces."""
        at_their_rates = replace(self._limits, neutral_prior=0.0)
        return selective.reliability(self.logits(way), *self._scale, at_their_rates)

    @cached_property
    def _clean(self) -> Floats:
        return self.candidate.network.logits(self.faces.images)

    @property
    def _scale(self) -> tuple[npt.NDArray[np.int64], float]:
        return self.faces.emotion, self.candidate.temperature

    @property
    def _limits(self) -> calling.Limits:
        return self.candidate.limits or calling.EVEN
