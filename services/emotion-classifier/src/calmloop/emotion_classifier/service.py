"""The emotion classifier on the bus: a crop comes in, an EmotionState goes out."""

from dataclasses import replace

import numpy as np

from calmloop.base.freshness import Received
from calmloop.contract import topics
from calmloop.contract.messages.caregiver import CaregiverPresence
from calmloop.contract.messages.emotion import DoubtReason
from calmloop.contract.messages.face import FaceHeader
from calmloop.emotion_classifier.over_time import OverTime, Sighting, TemporalFaultError
from calmloop.emotion_classifier.reader import EmotionReader, load_temporal
from calmloop.emotion_classifier.reading import EmotionReading, read, unknown_state
from calmloop.emotion_classifier.settings import Settings
from calmloop.service.runtime import Context, Health, InputHealth

MAX_MODEL_LENGTH = 64
"""Of an `EmotionState`."""


class EmotionClassifierService:
    """Answers every crop by itself; nothing is kept from one to the next, so replicas agree.

    With a temporal network it keeps the last seconds of a face, of the crops that come to it. A
    shadow answers on a topic of its own and does not beat: it is never taken for the classifier.
    """

    period_s = 0.25

    def __init__(self, context: Context[Settings]) -> None:
        self._bus = context.bus
        self._shadow = context.settings.emotion_classifier.shadow
        self._reader = EmotionReader(context.settings.emotion_classifier)
        self._input = InputHealth(context.clock, "face crops")
        self._model = self._reader.name
        self._over_time = self._load_temporal(context)
        self._may_read = not context.settings.use_context.needs_ground
        if not self._may_read:
            self._bus.subscribe(topics.CAREGIVER_STATE, self._on_presence, latest_only=True)
        self._bus.subscribe(topics.FACE_CROP, self._on_crop, latest_only=True, shared=True)

    def turn(self) -> Health:
        """Crops are answered as they come; their lack is no fault of this service."""
        return replace(self._input.health(), beats=not self._shadow)

    def discard(self) -> None:
        """What came before is too old to weigh with what comes now."""
        self._forget()

    def close(self) -> None:
        """Holds no device."""

    def _load_temporal(self, context: Context[Settings]) -> OverTime | None:
        network = load_temporal(context.settings.emotion_classifier)
        if network is None:
            return None

        def on_fault(error: TemporalFaultError) -> None:
            self._bus.counters["temporal_faults"] += 1
            if self._bus.counters["temporal_faults"] == 1:
                context.log.warning("faces are read one by one", reason=str(error))

        self._model = f"{self._reader.name} + {network.name}"[:MAX_MODEL_LENGTH]
        context.log.info("temporal", name=network.name, window_s=network.window_s)
        return OverTime(network, self._reader.calibration, on_fault)

    def _forget(self) -> None:
        if self._over_time is not None:
            self._over_time.forget()

    def _on_presence(self, received: Received[CaregiverPresence]) -> None:
        """The ground counts until the console says otherwise."""
        self._may_read = received.message.face_ground
        if not self._may_read:
            self._forget()

    def _on_crop(self, received: Received[FaceHeader]) -> None:
        self._input.receive(received.received_ns)
        header = received.message
        if header.reason is not None:
            state = unknown_state(header.frame, header.reason, self._model)
        elif not self._may_read:
            state = unknown_state(header.frame, DoubtReason.NOT_ALLOWED, self._model)
        elif header.size_px == 0 or len(received.data) != header.size_px**2:
            state = unknown_state(header.frame, DoubtReason.BAD_CROP, self._model)
            self._bus.counters["bad_crops"] += 1
        else:
            state = self._reading(header, received.data).state(header.frame, self._model)
        if self._shadow:
            self._bus.publish(topics.EMOTION_SHADOW, state, name=self._shadow)
        else:
            self._bus.publish(topics.EMOTION_STATE, state)

    def _reading(self, header: FaceHeader, pixels: bytes) -> EmotionReading:
        crop = np.frombuffer(pixels, np.uint8).reshape(header.size_px, header.size_px)
        logits = self._reader.logits(crop)
        own = read(logits, self._reader.calibration)
        if self._over_time is None:
            return own
        seen = Sighting(header.track_id, header.captured_ns, header.captured_on)
        return self._over_time.read(seen, logits, own)
