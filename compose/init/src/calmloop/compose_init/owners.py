"""Which user each container runs as."""

from calmloop.contract.accounts import SERVICE_UIDS

__all__ = ["BROKER_UID", "SERVICE_UIDS"]

BROKER_UID = 1883
"""The user of the official Mosquitto image."""
