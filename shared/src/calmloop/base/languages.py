"""What people are spoken to in: pages, reports, titles, the house."""

from enum import StrEnum


class Language(StrEnum):
    """By ISO 639-1; each has every word."""

    EN = "en"
    DE = "de"
    LT = "lt"
    LV = "lv"
