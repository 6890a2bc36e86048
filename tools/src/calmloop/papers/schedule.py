"""How the learning rate goes."""

from typing import Any

import numpy as np
import torch


def cosine_schedule(optimizer: Any, steps: int, warmup: float) -> Any:
    """Up to the learning rate in a share of the steps, then down to 0 by a cosine."""
    rise = max(1, round(warmup * steps))

    def factor(step: int) -> float:
        if step < rise:
            return (step + 1) / rise
        return 0.5 * (1 + float(np.cos(np.pi * (step - rise) / max(1, steps - rise))))

    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
