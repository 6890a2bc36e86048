"""Whether a face may be read for its emotion where the chair is used.

Where the law forbids it a technician records the ground, or the camera is off.
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calmloop.base.use_context import UseContext

FILE = "ground.json"
PLACES: Mapping[UseContext, str] = {
    UseContext.SCHOOL: "education",
    UseContext.WORK: "the workplace",
}


class GroundKind(StrEnum):
    """The reasons that the law knows."""

    MEDICAL = "medical"
    SAFETY = "safety"


class Ground(BaseModel):
    """A recorded reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: GroundKind
    text: str = Field(min_length=10, max_length=1000, description="Which, decided by whom.")
    by: str = Field("", max_length=40)
    time: str = Field("", max_length=40, description="RFC 3339, UTC.")


class FaceRule:
    """The rule of this place, and the ground that was recorded against it."""

    def __init__(self, context: UseContext, data_dir: Path) -> None:
        self.context = context
        self._path = data_dir / FILE
        self.ground = self._read()

    @property
    def refusal(self) -> str:
        """Why no face may be read here; empty where one may."""
        if not self.context.needs_ground or self.ground is not None:
            return ""
        return (
            f"used in {PLACES[self.context]}: the EU AI Act, article 5(1)(f), forbids to infer"
            " emotions there, except for medical or safety reasons; take the manual mode, or have"
            " a technician record the ground under Settings"
        )

    def record(self, ground: Ground | None, by: str, now: datetime) -> None:
        """Keeps a ground, or takes it back.

        Raises:
            OSError: it cannot be written; then nothing has changed.
        """
        if ground is None:
            self._path.unlink(missing_ok=True)
            self.ground = None
            return
        time = now.isoformat(timespec="seconds")
        kept = ground.model_copy(update={"by": by, "time": time})
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = self._path.with_suffix(".new")
        with written.open("w", encoding="utf-8") as file:
            json.dump(kept.model_dump(mode="json"), file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        written.replace(self._path)
        self.ground = kept

    def _read(self) -> Ground | None:
        """A file that cannot be read is none: nothing is allowed by a damaged one."""
        try:
            return Ground.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return None
