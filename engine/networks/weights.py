"""Weights' files, read as what they may be: bytes that somebody else has written."""

from __future__ import annotations

import hashlib
import io
import pickle
import struct
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from engine.errors import WeightsError
from engine.networks.files import damaged, fetch, hub_sha256
from engine.networks.registry import Entry

MIBI = 2**20
# Names, shapes and padding around the numbers: 12 KiB of the 98 MiB of ResNet50.
FRAME_BYTES = 4 * MIBI
LARGEST_BYTES = 1024 * MIBI  # of weights of which nothing else is known

# All that torch's readers are known to raise on files that are no weights. RuntimeError is theirs too, for a broken
# archive; running out of memory, a RuntimeError as well, cannot be confused with it: a file is bounded beforehand.
BROKEN = (
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    struct.error,
    safetensors.SafetensorError,
    RuntimeError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    AssertionError,
    NotImplementedError,
)


@dataclass(frozen=True)
class Weights:
    """Tensors by name, out of a file with this SHA-256."""

    tensors: dict[str, Tensor]
    sha256: str


def read(entry: Entry) -> dict[str, Tensor]:
    """Return the tensors of a network's weights by the file's own names. Raises WeightsError."""
    return load(entry, entry.max_bytes or LARGEST_BYTES).tensors


def load(entry: Entry, max_bytes: int, file: Path | None = None) -> Weights:
    """Return a network's own weights, downloaded first where need be, or those in a ``file``. Raises WeightsError.

    A larger file than ``max_bytes`` is refused before it is read, and one that is not the known one before anything
    looks into it. The bytes that were checked are the bytes that are read, and nothing in them is run.
    """
    path = fetch(entry) if file is None else file
    content = _bounded(path, entry.title, max_bytes)
    found = hashlib.sha256(content).hexdigest()
    if file is None and found != (entry.sha256 or hub_sha256(path)):
        raise damaged(entry, path)
    try:
        tensors = _parsed(content, path.suffix == ".safetensors", max_bytes)
    except BROKEN as error:
        raise WeightsError(
            f"{path} holds no weights that can be read: it is damaged, or holds more than tensors, which is never run. "
            f"Save the network's state_dict, or use safetensors."
        ) from error
    return Weights(tensors, found)


def needed_bytes(expected: Mapping[str, Tensor]) -> int:
    """Return the largest size of a file with these tensors."""
    return sum(tensor.numel() * tensor.element_size() for tensor in expected.values()) + FRAME_BYTES


def fitted(
    weights: Mapping[str, Tensor], expected: Mapping[str, Tensor], *, spare: Collection[str] = ()
) -> dict[str, Tensor]:
    """Return the weights if they are those expected: all names, each of its shape and type, finite.

    ``spare`` names may be missing, and are then left out. Raises WeightsError.
    """
    odd = sorted((weights.keys() - expected.keys()) | (expected.keys() - weights.keys() - set(spare)))
    if odd:
        raise WeightsError(f"The weights do not fit their network: {len(odd)} names differ, such as {odd[0]}.")
    for name, tensor in weights.items():
        if tensor.shape != expected[name].shape or tensor.dtype != expected[name].dtype:
            raise WeightsError(f"The weights do not fit their network: {name} has another shape or type.")
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise WeightsError(f"The weights are damaged: {name} has values that are not finite.")
    return dict(weights)


def _bounded(path: Path, title: str, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
            size = path.stat().st_size
    except OSError as error:
        raise WeightsError(f"The weights of {title} cannot be read from {path}: {error.strerror}.") from error
    if len(content) > max_bytes:
        raise WeightsError(
            f"{path} has {size / MIBI:.0f} MiB, and the weights of {title} have at most {max_bytes / MIBI:.0f}: it was "
            f"not read."
        )
    return content


def _parsed(content: bytes, safe: bool, max_bytes: int) -> dict[str, Tensor]:
    if safe:
        tensors = safetensors.torch.load(content)
    else:
        file = io.BytesIO(content)
        if zipfile.is_zipfile(file):  # a small file can unpack to a large one
            unpacked = sum(part.file_size for part in zipfile.ZipFile(file).infolist())
            if unpacked > max_bytes:
                raise ValueError("more bytes inside than the file may have")
        file.seek(0)
        tensors = torch.load(file, map_location="cpu", weights_only=True)
    if not isinstance(tensors, dict):
        raise TypeError("not tensors by name")
    for name, tensor in tensors.items():
        if not (isinstance(name, str) and isinstance(tensor, Tensor)):
            raise TypeError("not tensors by name")
        if tensor.layout != torch.strided or tensor.device.type != "cpu":
            raise TypeError("not plain tensors")
    return {name: tensor.detach() for name, tensor in tensors.items()}
