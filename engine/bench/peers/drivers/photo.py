"""The photo, for those who dream on one."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.bench.peers.serving import Job


def photo_of(job: Job) -> Tensor:
    """Return the job's photo (1, 3, side, side) in 0–1."""
    with Image.open(job.photo) as photo:
        return torch.from_numpy(np.array(photo.convert("RGB"))).permute(2, 0, 1)[None].float() / 255
