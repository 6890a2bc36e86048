"""LSTM, attention over time, class: the paper's equations 2 to 7 with a weight for each frame."""

from typing import Any

import torch
from torch import nn

from calmloop.papers.temporal.compose import LABELS
from calmloop.papers.temporal.windows import FEATURES


class AttendingLstm(nn.Module):  # type: ignore[misc]
    """One LSTM, its input and its hidden states batch-normalised, attention, dropout, a class.

    The paper says of its attention that each time step has a weight, and no equation: here it is
    additive (Bahdanau et al., 2015), of the hidden state alone.
    """

    def __init__(
        self,
        hidden: int,
        dropout: float,
        *,
        attends: bool = True,
        features: int = FEATURES,
        classes: int = len(LABELS),
    ) -> None:
        """Without attention only the last frame's hidden state counts."""
        super().__init__()
        self.attends = attends
        self.norm = nn.BatchNorm1d(features)
        self.lstm = nn.LSTM(features, hidden, batch_first=True)
        self.norm_hidden = nn.BatchNorm1d(hidden)
        self.project = nn.Linear(hidden, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, classes)

    def forward(self, values: Any, length: Any) -> tuple[Any, Any]:
        """Logits (N, classes) and attention (N, T), which sums to 1 over each window's frames.

        Args:
            values: (N, T, features) float32, anything behind a window's last frame.
            length: Frames of each, (N,).
        """
        is_frame = torch.arange(values.shape[1])[None, :] < length[:, None]
        hidden, _ = self.lstm(_at(is_frame, self.norm, values))
        hidden = _at(is_frame, self.norm_hidden, hidden)
        attention = self._attention(hidden, is_frame, length)
        context = (attention[:, :, None] * hidden).sum(dim=1)
        return self.head(self.dropout(context)), attention

    def _attention(self, hidden: Any, is_frame: Any, length: Any) -> Any:
        if not self.attends:
            return nn.functional.one_hot(length - 1, hidden.shape[1]).to(hidden.dtype)
        scores = self.score(torch.tanh(self.project(hidden)))[:, :, 0]
        return scores.masked_fill(~is_frame, float("-inf")).softmax(dim=1)


def _at(is_frame: Any, norm: Any, values: Any) -> Any:
    """Normalised where a frame is; zero behind."""
    out = torch.zeros_like(values)
    out[is_frame] = norm(values[is_frame])
    return out
