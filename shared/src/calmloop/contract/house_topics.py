"""The topics by which the house sees the chair, in the registry with all others.

What the house may write can raise nothing; what it may read holds no token.
"""

from calmloop.contract.accounts import Account
from calmloop.contract.messages.house import (
    HouseBirth,
    HouseCommand,
    HouseDevice,
    HouseEvent,
    HouseState,
)
from calmloop.contract.topic import (
    CAREGIVERS,
    COMMAND_EXPIRY_S,
    EVERYONE,
    AnyTopic,
    Topic,
    TopicKind,
    only,
    stream_topic,
)

HOUSE_SET = Topic(
    "house/set",
    HouseCommand,
    TopicKind.COMMAND,
    writers=CAREGIVERS | {Account.HOUSE},
    readers=only(Account.SCENARIO_SELECTOR, Account.CAMERA, Account.CAREGIVER, Account.MONITOR),
    summary="what anybody in the house may ask for: less, pause, finish, camera off",
    qos=1,
    expiry_s=COMMAND_EXPIRY_S,
)
HOUSE_STATE = Topic(
    "house/state",
    HouseState,
    TopicKind.STATE,
    writers=only(Account.HOME_ASSISTANT),
    readers=EVERYONE | {Account.HOUSE},
    summary="the chair in a few words for the house: no token, no child",
    qos=1,
)
HOUSE_EVENT = stream_topic(
    "house/event",
    HouseEvent,
    Account.HOME_ASSISTANT,
    "an alarm has begun",
    rate_hz=0.1,
    max_age_s=10.0,
    readers=EVERYONE | {Account.HOUSE},
)
HOUSE_DEVICE = Topic(
    "homeassistant/device/calmloop-{chair}/config",
    HouseDevice,
    TopicKind.STATE,
    writers=only(Account.HOME_ASSISTANT),
    readers=only(Account.HOME_ASSISTANT, Account.HOUSE),
    summary="how Home Assistant shows the chair: MQTT device discovery",
    qos=1,
    foreign=True,
)
HOUSE_BIRTH = Topic(
    "homeassistant/status",
    HouseBirth,
    TopicKind.STREAM,
    writers=only(Account.HOUSE),
    readers=frozenset(),
    summary="Home Assistant's own birth and last will, as words: it needs the right to connect",
    foreign=True,
)

HOUSE_TOPICS: tuple[AnyTopic, ...] = (
    HOUSE_SET,
    HOUSE_STATE,
    HOUSE_EVENT,
    HOUSE_DEVICE,
    HOUSE_BIRTH,
)
