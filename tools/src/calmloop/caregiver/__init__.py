"""A caregiver on the bus: commands with the token of the moment, and what became of them."""

from calmloop.caregiver.client import CaregiverClient, CommandOutcome
from calmloop.caregiver.connection import connected

__all__ = ["CaregiverClient", "CommandOutcome", "connected"]
