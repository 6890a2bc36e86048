"""A caregiver on the bus: commands with the token of the moment, and what became of them."""

from calmloop.caregiver.client import CaregiverClient
from calmloop.caregiver.connection import connected
from calmloop.caregiver.sending import CommandOutcome
from calmloop.caregiver.session import CaregiverAnswer
from calmloop.caregiver.words import described_session

__all__ = [
    "CaregiverAnswer",
    "CaregiverClient",
    "CommandOutcome",
    "connected",
    "described_session",
]
