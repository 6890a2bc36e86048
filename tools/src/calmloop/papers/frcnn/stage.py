"""One network in the place of face detector and emotion classifier, on the same topics as both.

The detector's boxes go through the face detector's own service: which face is the child's, whether
it can be read, crop, state and movement are as there. The groups of the box that is the child's go
through the classifier's own rule for what may be said. A trial of the architecture: the network's
scores are not calibrated, and no device has it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torchvision.ops import box_iou

from calmloop.base.freshness import Received
from calmloop.bus.bus import Bus
from calmloop.bus.connection import client_id
from calmloop.bus.mqtt import PahoTransport
from calmloop.contract import topics
from calmloop.contract.messages.camera import FrameHeader
from calmloop.contract.messages.caregiver import CaregiverPresence
from calmloop.contract.messages.emotion import EMOTIONS, GROUPS, DoubtReason
from calmloop.contract.messages.face import NoFaceReason
from calmloop.contract.topics import Account
from calmloop.emotion_classifier import EmotionReading, ModelCalibration, judge, unknown_state
from calmloop.face_detector import (
    Detection,
    FaceDetectorService,
    Finding,
    Gray,
    Settings,
    Square,
)
from calmloop.papers.frcnn.measure import FOUND_IOU, SURE
from calmloop.service.runtime import Context, Health, InputHealth, Loop

NAME = "faster-rcnn"
KEEPS = 0.25
"""Certainty that there is a face from which a box helps to keep one that is known."""
MIN_CONFIDENCE, MIN_CONFIDENCE_POSITIVE = 0.53, 0.88
"""The shipped network's (services/emotion-classifier, calm.json), where nothing else is said."""


@dataclass(frozen=True)
class GroupedDetection(Detection):
    """A face and its groups.

    Attributes:
        groups: Score of each of GROUPS, in their order; what is left of 1 says that it is no face.
    """

    groups: tuple[float, ...] = (0.0,) * len(GROUPS)


class FasterRcnnFaces:
    """A trained detector behind the face detector's seam; it gets gray, as every detector there."""

    name = NAME
    rolls_deg: tuple[float, ...] = (0.0,)
    is_divisible = False

    def __init__(self, network: Callable[..., Any]) -> None:
        """Takes a network as `load_trained` gives it."""
        self._network = network

    def detect(
        self, gray: Gray, min_px: float, max_px: float, roll_deg: float = 0.0
    ) -> list[Detection]:
        """See `Detector.detect`; every tilt is found at once."""
        if min(gray.shape) < 2:
            return []
        picture = torch.tensor(gray).float().div(255).expand(3, -1, -1)
        with torch.no_grad():
            (seen,) = self._network([picture])
        return [face for face in faces_of(seen) if min_px <= face.square.side <= max_px]


def faces_of(seen: dict[str, torch.Tensor]) -> list[GroupedDetection]:
    """The faces in what the network says of one picture, those that may be none left out.

    The network gives a box for each group that a region may show; those that overlap are of one
    face, which has the place of the likeliest and the scores of all. They come from different
    regions, so that their sum may exceed 1; then they are scaled to it.
    """
    boxes, labels, scores = seen["boxes"], seen["labels"].tolist(), seen["scores"].tolist()
    overlaps = box_iou(boxes, boxes)
    faces: dict[int, list[float]] = {}
    for n, (label, score) in enumerate(zip(labels, scores, strict=True)):  # by falling score
        face = next((first for first in faces if overlaps[n, first] >= FOUND_IOU), n)
        groups = faces.setdefault(face, [0.0] * len(GROUPS))
        groups[label - 1] = max(groups[label - 1], score)
    found = (_face(boxes[n].tolist(), groups) for n, groups in faces.items())
    return [face for face in found if face.score >= KEEPS]


def _face(box: list[float], groups: list[float]) -> GroupedDetection:
    left, top, right, bottom = box
    side = ((right - left) * (bottom - top)) ** 0.5
    whole = max(1.0, sum(groups))
    shares = tuple(share / whole for share in groups)
    return GroupedDetection(
        Square((left + right) / 2, (top + bottom) / 2, side),
        score=sum(shares),
        sure=sum(shares) >= SURE,
        frontalness=1.0,
        groups=shares,
    )


def read_groups(groups: tuple[float, ...], calibration: ModelCalibration) -> EmotionReading:
    """What may be said of a face, by the classifier's rule.

    Args:
        groups: Of a `GroupedDetection`; not all 0.
        calibration: Its two bounds count.

    A group's probability, given that it is a face, is shared equally by its emotions; surprise,
    which is in none, has 0. That it is a face at all is the probability that it can be read.
    """
    total = sum(groups)
    scores = dict.fromkeys(EMOTIONS, 0.0)
    for share, names in zip(groups, GROUPS.values(), strict=True):
        for name in names:
            scores[name] = share / total / len(names)
    return judge(scores, calibration, readable=min(1.0, total))


class EmotionAnswers:
    """The classifier's side: one answer for each frame, under the classifier's own name."""

    period_s = 0.0

    def __init__(
        self, context: Context[Settings], bus: Bus, calibration: ModelCalibration, model: str
    ) -> None:
        self._bus = bus
        self._calibration = calibration
        self._model = model[:64]
        self._input = InputHealth(context.clock, "camera frames")
        self._may_read = not context.settings.use_context.needs_ground
        if not self._may_read:
            bus.subscribe(topics.CAREGIVER_STATE, self._on_presence, latest_only=True)
        self._clock = context.clock

    def turn(self) -> Health:
        """Frames are answered as they come; their lack is no fault of this service."""
        return self._input.health()

    def discard(self) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Holds no device."""

    def answer(self, header: FrameHeader, finding: Finding) -> None:
        """Publishes what may be said of the child's face in this frame, or why nothing may."""
        self._input.receive(self._clock.monotonic_ns())
        face = finding.detection
        if finding.reason is not None or not isinstance(face, GroupedDetection):
            reason = finding.reason or NoFaceReason.NO_FACE
            state = unknown_state(header.frame, reason, self._model)
        elif not self._may_read:
            state = unknown_state(header.frame, DoubtReason.NOT_ALLOWED, self._model)
        else:
            reading = read_groups(face.groups, self._calibration)
            state = reading.state(header.frame, self._model)
        self._bus.publish(topics.EMOTION_STATE, state)

    def _on_presence(self, received: Received[CaregiverPresence]) -> None:
        """The ground counts until the console says otherwise."""
        self._may_read = received.message.face_ground


class FasterRcnnStage:
    """Face detector and emotion classifier in one process: each beats under its own name."""

    period_s = FaceDetectorService.period_s

    def __init__(
        self,
        context: Context[Settings],
        faces: FasterRcnnFaces,
        calibration: ModelCalibration,
        model: str = NAME,
    ) -> None:
        """Connects the classifier's side at once; the runtime connects the face detector's."""
        self._second = _second_bus(context)
        answers = EmotionAnswers(context, self._second, calibration, model)
        self._faces = FaceDetectorService(context, faces, answers.answer)
        self._answers = Loop(self._second, answers, context.clock, None)
        self._second.start()

    def turn(self) -> Health:
        """Frames were handled as they came; both sides beat from this one loop."""
        self._answers.turn()
        return self._faces.turn()

    def discard(self) -> None:
        """As the face detector."""
        self._faces.discard()

    def close(self) -> None:
        """Says goodbye for the classifier's side."""
        self._faces.close()
        self._second.close()


def _second_bus(context: Context[Settings]) -> Bus:
    settings, account = context.settings, Account.EMOTION_CLASSIFIER
    return Bus(
        PahoTransport(settings.mqtt, client_id(settings.chair_id, account, settings.instance)),
        chair_id=settings.chair_id,
        service=account,
        instance=settings.instance,
        clock=context.clock,
    )
