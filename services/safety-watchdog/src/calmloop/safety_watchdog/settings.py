"""The watchdog's settings: those that all services share, and none of its own."""

from calmloop.base.settings import Section, ServiceSettings


class SafetyWatchdogSection(Section):
    """Empty on purpose: every number of the watchdog keeps a person safe and is a constant."""


class Settings(ServiceSettings):
    """Settings of the safety watchdog."""

    safety_watchdog: SafetyWatchdogSection = SafetyWatchdogSection()
