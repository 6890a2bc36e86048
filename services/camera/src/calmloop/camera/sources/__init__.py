"""Where pictures come from: one small file a kind, behind one protocol.

To add a kind, put a file here: with a class that does what `Source` says as its `SOURCE`, made
from the settings and a clock, and as its `NAME` what `camera.source` says then.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from pydantic import ValidationError

from calmloop.base.clock import Clock
from calmloop.base.errors import ConfigurationError
from calmloop.camera import address
from calmloop.camera.settings import CameraSection, Playback
from calmloop.camera.sources import device, image_folder, opencv, simulated
from calmloop.camera.sources.source import Source

__all__ = ["SIMULATED", "Source", "named_source", "open_source"]

SIMULATED = simulated.NAME


def _named() -> dict[str, Callable[[CameraSection, Clock], Source]]:
    """The kinds that go by a name of their own, from the files of this folder."""
    modules = (import_module(f"{__name__}.{entry.name}") for entry in iter_modules(__path__))
    return {module.NAME: module.SOURCE for module in modules if hasattr(module, "NAME")}


NAMED = _named()


def open_source(settings: CameraSection, clock: Clock) -> Source:
    """Picks the source that `settings.source` names. Does not open it yet.

    Raises:
        ConfigurationError: an address that is not understood, or of a kind that is not supported.
    """
    name = settings.source
    if name in NAMED:
        return NAMED[name](settings, clock)
    if address.is_address(name):
        return opencv.StreamSource(name)
    if device.is_device(name):
        return device.DeviceSource(settings)
    if Path(name).is_dir():
        return image_folder.ImageFolderSource(settings)
    return opencv.FileSource(settings)


def named_source(name: str, clock: Clock) -> Source:
    """The source that a person names, played once, with what else is set left as it is.

    Raises:
        ConfigurationError: no source has such a name; the text does not show it.
    """
    try:
        section = CameraSection(source=name, playback=Playback.ONCE)
    except ValidationError as error:
        raise ConfigurationError(f"source: {error.errors()[0]['msg']}") from None
    return open_source(section, clock)
