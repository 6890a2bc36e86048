"""Where the chair is used, and what the law forbids there.

Regulation (EU) 2024/1689, article 5(1)(f), forbids to infer emotions in education and at work,
except for medical or safety reasons.
"""

from enum import StrEnum


class UseContext(StrEnum):
    """Where the chair is used: in school and at work no face may be read for its emotion."""

    CLINIC = "clinic"
    HOME = "home"
    SCHOOL = "school"
    WORK = "work"

    @property
    def needs_ground(self) -> bool:
        """Whether a face may be read only on a medical or safety ground."""
        return self in {UseContext.SCHOOL, UseContext.WORK}
