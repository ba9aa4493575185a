"""What is maximised: one number from a layer's activations."""

from __future__ import annotations

import torch
from torch import Tensor


def layer_norm(activations: Tensor) -> Tensor:
    """Return the L2 norm of a whole layer: whatever it sees, it is to see more of it ("Inceptionism", 2015)."""
    norm: Tensor = torch.linalg.vector_norm(activations)
    return norm
