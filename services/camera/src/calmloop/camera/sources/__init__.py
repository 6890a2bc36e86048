"""Where pictures come from: one small file a kind, behind one protocol.

To add a kind, write a class that does what `Source` says and have `open_source` pick it.
"""

from pathlib import Path

from calmloop.camera import address
from calmloop.camera.settings import CameraSection
from calmloop.camera.sources import device, image_folder, opencv, simulated
from calmloop.camera.sources.source import Source
from calmloop.clock import Clock

__all__ = ["SIMULATED", "Source", "open_source"]

SIMULATED = "sim"


def open_source(settings: CameraSection, clock: Clock) -> Source:
    """Picks the source that `settings.source` names. Does not open it yet.

    Raises:
        ConfigurationError: an address that is not understood, or of a kind that is not supported.
    """
    name = settings.source
    if name == SIMULATED:
        return simulated.SimulatedSource(settings, clock)
    if address.is_address(name):
        return opencv.StreamSource(name)
    if device.is_device(name):
        return device.DeviceSource(settings)
    if Path(name).is_dir():
        return image_folder.ImageFolderSource(settings)
    return opencv.FileSource(settings)
