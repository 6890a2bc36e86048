"""Two streams, each with an LSTM and attention of its own; what they say is averaged (late fusion).

Simonyan and Zisserman's two streams (2014), which Zhang et al. compare with: what is seen in a
picture, and what moves. There the second is optical flow; here it is what a device has anyway.
"""

from typing import Any

import torch
from torch import nn

from calmloop.papers.restless.courses import STATES
from calmloop.papers.restless.features import ACCELERATION, COLUMNS, MOVEMENT, ROWS
from calmloop.papers.temporal.network import AttendingLstm

DESCRIBED = 16
"""Numbers of a small picture that its network hands on."""


class SmallPictures(nn.Module):  # type: ignore[misc]
    """A small CNN: three layers over a picture and its difference from the one a step before."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[Any] = []
        for before, after in ((2, 8), (8, 16), (16, 16)):
            layers += [nn.Conv2d(before, after, 3, 2, 1), nn.BatchNorm2d(after), nn.ReLU()]
        left = 16 * (ROWS // 8) * (COLUMNS // 8)
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(left, DESCRIBED))

    def forward(self, pictures: Any) -> Any:
        """(N, T, DESCRIBED) of uint8 (N, T, ROWS, COLUMNS); light is taken off by the window."""
        gray = pictures.float()
        gray = gray - gray.mean(dim=(1, 2, 3), keepdim=True)
        gray = gray / (gray.std(dim=(1, 2, 3), keepdim=True) + 1.0)
        moved = torch.diff(gray, dim=1, prepend=gray[:, :1])
        both = torch.stack([gray, moved], dim=2)
        return self.layers(both.flatten(0, 1)).unflatten(0, both.shape[:2])


class TwoStreams(nn.Module):  # type: ignore[misc]
    """The streams that are asked for; of one alone it is that one's classifier."""

    def __init__(
        self,
        hidden: int,
        dropout: float,
        *,
        attends: bool = True,
        frames: bool = True,
        movement: bool = True,
        accelerometer: bool = True,
    ) -> None:
        super().__init__()
        features = MOVEMENT * movement + ACCELERATION * accelerometer
        self.first = 0 if movement else MOVEMENT
        self.last = MOVEMENT + (ACCELERATION if accelerometer else 0)

        def stream(numbers: int) -> AttendingLstm:
            return AttendingLstm(
                hidden, dropout, attends=attends, features=numbers, classes=len(STATES)
            )

        self.describe = SmallPictures() if frames else None
        self.seen = stream(DESCRIBED) if frames else None
        self.moves = stream(features) if features else None

    def forward(self, movement: Any, pictures: Any, acceleration: Any) -> tuple[Any, Any]:
        """Logits (N, states), and each stream's attention, (N, streams, T); see `Examples`."""
        length = torch.full((len(movement),), movement.shape[1])
        said = []
        if self.seen is not None and self.describe is not None:
            said.append(self.seen(self.describe(pictures), length))
        if self.moves is not None:
            values = torch.cat([movement, acceleration], dim=2)[:, :, self.first : self.last]
            said.append(self.moves(values, length))
        logits, attention = (torch.stack(each) for each in zip(*said, strict=True))
        return logits.mean(dim=0), attention.transpose(0, 1)
