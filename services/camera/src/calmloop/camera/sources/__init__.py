"""Where pictures come from: a file here is one kind, with its settings and its class.

`camera.source` chooses among them: each file's `KIND` says which values it opens.
"""

from pydantic import ValidationError

from calmloop.base.backends import modules_of
from calmloop.base.clock import Clock
from calmloop.base.errors import ConfigurationError
from calmloop.camera.choices import Playback
from calmloop.camera.sources.simulated import NAME as SIMULATED
from calmloop.camera.sources.source import Source, SourceKind, SourceSettings

__all__ = ["KINDS", "SIMULATED", "Source", "SourceSettings", "named_source", "open_source"]

KINDS: list[SourceKind] = sorted(
    (module.KIND for module in modules_of(__name__) if hasattr(module, "KIND")),
    key=lambda kind: kind.rank,
)
"""In the order in which they are asked; the last opens whatever is left."""


def open_source(settings: SourceSettings, clock: Clock) -> Source:
    """Picks the source that `settings.source` names. Does not open it yet.

    Raises:
        ConfigurationError: an address that is not understood, or of a kind that is not supported.
    """
    kind = next(kind for kind in KINDS if kind.opens(settings.source))
    if not isinstance(settings, kind.settings):
        settings = kind.settings.model_validate(settings.model_dump())
    return kind.make(settings, clock)


def named_source(name: str, clock: Clock) -> Source:
    """The source that a person names, played once, with what else is set left as it is.

    Raises:
        ConfigurationError: no source has such a name; the text does not show it.
    """
    try:
        settings = SourceSettings(source=name, playback=Playback.ONCE)
    except ValidationError as error:
        raise ConfigurationError(f"source: {error.errors()[0]['msg']}") from None
    return open_source(settings, clock)
