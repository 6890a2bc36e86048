"""Light on what is drawn: a lamp, a sky, and the dark of hollows."""

from dataclasses import dataclass

import cv2
import numpy as np

from calmloop.synth.mesh import Floats
from calmloop.synth.raster import Drawn


@dataclass(frozen=True)
class Lighting:
    """A lamp and what comes from all around; its direction is to the right, up and to the front."""

    direction: tuple[float, float, float] = (0.2, 0.5, 1.0)
    lamp: float = 0.6
    ambient: float = 0.36
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)


LIGHTS = {
    "even": Lighting(),
    "left": Lighting((-1.0, 0.3, 0.45), 1.0, 0.22),
    "right": Lighting((1.0, 0.3, 0.45), 1.0, 0.22),
    "above": Lighting((0.0, 1.0, 0.35), 1.0, 0.25),
    "warm": Lighting((0.5, 0.2, 0.8), 0.7, 0.25, (1.15, 0.95, 0.7)),
    "dim": Lighting((0.3, 0.5, 0.8), 0.09, 0.06),
}


def lit(colour: Floats, at: Floats, seen: Drawn, light: Lighting, scale: float) -> Floats:
    """What the covered pixels (N, 3) send to the camera, linear RGB.

    Args:
        colour: (N, 3) reflectances.
        at: (N, 8) what was interpolated there: normals in columns 3 to 5, the nearness in 7.
        seen: Which pixels they are.
        light: What shines.
        scale: Pixels to a decimetre.
    """
    normal = at[:, 3:6] / np.maximum(np.linalg.norm(at[:, 3:6], axis=1, keepdims=True), 1e-6)
    direction = np.array(light.direction) / np.linalg.norm(light.direction)
    lamp = np.clip((normal @ direction + 0.15) / 1.15, 0, 1)
    sky = 0.75 + 0.25 * normal[:, 1]
    half = direction + np.array([0, 0, 1])
    gloss = 0.05 * np.clip(normal @ (half / np.linalg.norm(half)), 0, 1) ** 24
    open_ = _openness(at[:, 7], seen, scale)
    shade = (light.lamp * lamp * (0.35 + 0.65 * open_) + light.ambient * sky * open_)[:, None]
    shown = colour * shade + (light.lamp * gloss * open_)[:, None]
    return np.asarray(shown * np.array(light.colour), np.float32)


def _openness(near: Floats, seen: Drawn, scale: float) -> Floats:
    """How much light reaches each pixel from around: less where its surroundings are nearer."""
    covered = seen.covered
    share = covered.astype(np.float32)
    depth = np.zeros(covered.shape, np.float32)
    depth[covered] = near
    dark = np.zeros(len(near), np.float32)
    for reach, depth_scale in ((0.05, 0.05), (0.16, 0.16)):
        sigma = max(1.0, reach * scale)
        blurred, known = (cv2.GaussianBlur(one, (0, 0), sigma)[covered] for one in (depth, share))
        around = blurred / np.maximum(known, 1e-3)
        dark += np.clip((around - near) / depth_scale, 0, 1.2)
    return np.asarray(np.exp(-1.1 * dark), np.float32)
