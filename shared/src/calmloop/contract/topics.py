"""The registry of every topic on the bus: this module alone, and `house_topics`, spell one.

Freshness, the broker's ACL, the AsyncAPI document and the README's tables derive from it.
"""

from calmloop.contract.accounts import Account
from calmloop.contract.house_topics import HOUSE_TOPICS
from calmloop.contract.messages.base import Command
from calmloop.contract.messages.biosignal import BiosignalState, HeartState
from calmloop.contract.messages.camera import CameraSet, CameraState, FrameHeader
from calmloop.contract.messages.caregiver import CaregiverPresence
from calmloop.contract.messages.chair import ArmRequest, ChairState, ChairStatus
from calmloop.contract.messages.child import ChildCommand
from calmloop.contract.messages.emotion import EmotionState
from calmloop.contract.messages.face import FaceHeader, FaceState
from calmloop.contract.messages.learning import LearningCommand, LearningState
from calmloop.contract.messages.log import LogState
from calmloop.contract.messages.movement import MovementState
from calmloop.contract.messages.profiles import ProfileCommand, ProfilesState
from calmloop.contract.messages.safety import Alarm, AlarmAck, Lease, ResetCommand, StopState
from calmloop.contract.messages.scenarios import ScenarioListState
from calmloop.contract.messages.service import Heartbeat, RejectedMessage, ServiceStatus
from calmloop.contract.messages.session import (
    OverrideCommand,
    OverrideState,
    SessionCommand,
    SessionState,
)
from calmloop.contract.messages.sound import SoundState
from calmloop.contract.messages.stimulus import Setpoint
from calmloop.contract.messages.voice import VoiceSet, VoiceState
from calmloop.contract.topic import (
    CAREGIVERS,
    COMMAND_EXPIRY_S,
    EVERYONE,
    ROOT,
    SERVICES,
    AnyTopic,
    Topic,
    TopicKind,
    command_topic,
    finder,
    image_topic,
    only,
    service_topic,
    state_topic,
    stream_topic,
)

__all__ = ["EVERYONE", "ROOT", "SERVICES", "Account", "AnyTopic", "Topic", "TopicKind"]

STATUS_EXPIRY_S = 30
STATUS_PERIOD_S = 10.0
HEARTBEAT_PERIOD_S = 0.5

CAMERA_FRAME = image_topic(
    "camera/frame", FrameHeader, Account.CAMERA, Account.FACE_DETECTOR, "JPEG of one frame"
)
CAMERA_SET = command_topic("camera/set", CameraSet, Account.CAMERA, "the privacy switch")
CAMERA_STATE = state_topic("camera/state", CameraState, Account.CAMERA, "what the camera does")

FACE_CROP = image_topic(
    "face/crop",
    FaceHeader,
    Account.FACE_DETECTOR,
    Account.EMOTION_CLASSIFIER,
    "square gray crop of the face, or empty with a reason",
)
FACE_STATE = stream_topic(
    "face/state",
    FaceState,
    Account.FACE_DETECTOR,
    "count, box, quality, or why no face is usable",
    rate_hz=15.0,
    max_age_s=1.0,
)
MOVEMENT_STATE = stream_topic(
    "movement/state",
    MovementState,
    Account.FACE_DETECTOR,
    "how much the child moves, or why that is not known",
    rate_hz=5.0,
    max_age_s=1.0,
)
EMOTION_STATE = stream_topic(
    "emotion/state",
    EmotionState,
    Account.EMOTION_CLASSIFIER,
    "negative, neutral, positive or unknown, with the scores behind it",
    rate_hz=15.0,
    max_age_s=1.0,
)
EMOTION_SHADOW = stream_topic(
    "emotion/shadow/{name}/state",
    EmotionState,
    Account.EMOTION_CLASSIFIER,
    "what another network says of the same crops, to compare; nothing obeys it",
    rate_hz=15.0,
    max_age_s=1.0,
    readers=only(Account.CAREGIVER_CONSOLE, Account.MONITOR),
)

HEART_STATE = stream_topic(
    "heart/state",
    HeartState,
    Account.HEART_MONITOR,
    "rate, variability, contact, or why they are unknown",
    rate_hz=1.0,
    max_age_s=2.5,
)
BIOSIGNAL_STATE = stream_topic(
    "biosignal/{kind}/state",
    BiosignalState,
    Account.HEART_MONITOR,
    "another signal of the body: mean and spread of the last second",
    rate_hz=1.0,
    max_age_s=2.5,
)
VOICE_SET = command_topic(
    "voice/set", VoiceSet, Account.VOICE_LISTENER, "the microphone's privacy switch"
)
VOICE_STATE = stream_topic(
    "voice/state",
    VoiceState,
    Account.VOICE_LISTENER,
    "loudness, voice and crying, or why they are unknown; never a sound",
    rate_hz=2.0,
    max_age_s=1.5,
)

SESSION_SET = command_topic(
    "session/set",
    SessionCommand,
    Account.SCENARIO_SELECTOR,
    "start, pause, resume, finish, answer, dismiss, allow the child's page",
)
SESSION_STATE = state_topic(
    "session/state",
    SessionState,
    Account.SCENARIO_SELECTOR,
    "phase, scenario, intensity and why it changed; the start token",
    rate_hz=1.0,
    max_age_s=2.5,
)
OVERRIDE_SET = command_topic(
    "override/set", OverrideCommand, Account.SCENARIO_SELECTOR, "less, more, hold, skip, ..."
)
OVERRIDE_STATE = state_topic(
    "override/state", OverrideState, Account.SCENARIO_SELECTOR, "what the caregiver has set"
)
CHILD_SET = command_topic(
    "child/set",
    ChildCommand,
    Account.SCENARIO_SELECTOR,
    "what the child asks for: less, more, another scenario",
)
LEARNING_SET = command_topic(
    "learning/set",
    LearningCommand,
    Account.SCENARIO_SELECTOR,
    "show a record; rate or void the last session, pin, exclude, forget",
)
LEARNING_STATE = state_topic(
    "learning/state",
    LearningState,
    Account.SCENARIO_SELECTOR,
    "what was learned of the child, in words and numbers",
)
PROFILE_SET = command_topic(
    "profile/set", ProfileCommand, Account.SCENARIO_SELECTOR, "show, write, erase", private=True
)
PROFILES_STATE = stream_topic(
    "profiles/state",
    ProfilesState,
    Account.SCENARIO_SELECTOR,
    "the children's codes, and the profile of one that was asked for",
    rate_hz=0.2,
    max_age_s=12.5,
    readers=CAREGIVERS,
)
SCENARIOS_STATE = state_topic(
    "scenarios/state",
    ScenarioListState,
    Account.SCENARIO_SELECTOR,
    "what may be played: titles, icons, what speaks against it",
)
CAREGIVER_STATE = stream_topic(
    "caregiver/state",
    CaregiverPresence,
    Account.CAREGIVER_CONSOLE,
    "how long no caregiver touched a page; whether there is a ground to read faces",
    rate_hz=1.0,
    max_age_s=2.5,
)

STIMULUS_SETPOINT = stream_topic(
    "stimulus/setpoint",
    Setpoint,
    Account.SCENARIO_SELECTOR,
    "absolute vibration, sound and light, valid for ttl_ms",
    expiry_s=1,
    rate_hz=10.0,
    max_age_s=0.2,
)
SOUND_STATE = stream_topic(
    "sound/state",
    SoundState,
    Account.SOUND_PLAYER,
    "the track that sounds, and when which sample of it is at the output; or why none",
    rate_hz=10.0,
    max_age_s=0.5,
)
CHAIR_ARM = Topic(
    "chair/arm",
    ArmRequest,
    TopicKind.COMMAND,
    writers=only(Account.SCENARIO_SELECTOR),
    readers=EVERYONE,
    summary="arm the chair for one accepted start",
    qos=1,
    expiry_s=COMMAND_EXPIRY_S,
    max_age_s=0.5,
)
CHAIR_STATE = stream_topic(
    "chair/state",
    ChairState,
    Account.ACTUATOR_BRIDGE,
    "the chair as its microcontroller reports it, with the lease nonce",
    rate_hz=10.0,
    max_age_s=0.5,
)
CHAIR_STATUS = state_topic(
    "chair/status", ChairStatus, Account.ACTUATOR_BRIDGE, "the same without the nonce, on change"
)

LEASE = stream_topic(
    "lease",
    Lease,
    Account.SAFETY_WATCHDOG,
    "the whole chain was alive just now",
    expiry_s=1,
    rate_hz=10.0,
    max_age_s=0.5,
)
STOP = Topic(
    "stop",
    Command,
    TopicKind.STOP,
    writers=CAREGIVERS | {Account.SAFETY_WATCHDOG, Account.HOUSE},
    readers=EVERYONE,
    summary="stop now: any payload, an empty one too",
    qos=1,
)
STOP_STATE = state_topic(
    "stop/state",
    StopState,
    Account.SAFETY_WATCHDOG,
    "latched or not, why, and the reset token",
    rate_hz=1.0,
    max_age_s=2.5,
)
STOP_RESET = command_topic("stop/reset", ResetCommand, Account.SAFETY_WATCHDOG, "unlatch a stop")
ALARM = state_topic("alarm/{kind}", Alarm, Account.SAFETY_WATCHDOG, "a caregiver is called for")
ALARM_ACK = command_topic(
    "alarm/{kind}/ack", AlarmAck, Account.SAFETY_WATCHDOG, "acknowledge an alarm"
)

LOG_STATE = state_topic(
    "log/state", LogState, Account.SESSION_LOG, "whether what happens is kept, and what is wrong"
)

SERVICE_STATUS = service_topic(
    "service/{service}/{instance}/status",
    ServiceStatus,
    TopicKind.STATE,
    "online, stopped or offline; counters",
    readers=EVERYONE | {Account.HOUSE},
    qos=1,
    expiry_s=STATUS_EXPIRY_S,
    rate_hz=1 / STATUS_PERIOD_S,
)
HEARTBEAT = service_topic(
    "service/{service}/{instance}/heartbeat",
    Heartbeat,
    TopicKind.STREAM,
    "the working loop turns",
    rate_hz=1 / HEARTBEAT_PERIOD_S,
    max_age_s=1.5,
)
REJECTED = service_topic(
    "rejected", RejectedMessage, TopicKind.STREAM, "messages that were refused, and why"
)

REGISTRY: tuple[AnyTopic, ...] = (
    *(topic for topic in globals().values() if isinstance(topic, Topic)),
    *HOUSE_TOPICS,
)

find = finder(REGISTRY)
"""The registered topic that a chair's full topic name belongs to, or None."""
