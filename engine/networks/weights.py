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

from engine.errors import EngineError
from engine.networks.files import fetch
from engine.networks.registry import Entry

MIBI = 2**20
# Names, shapes and padding around the numbers: 12 KiB of the 98 MiB of ResNet50.
FRAME_BYTES = 4 * MIBI

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
    """Return the tensors of a registry's network by the file's own names. Raises EngineError."""
    return read_file(fetch(entry), entry.title, sha256=entry.sha256, max_bytes=entry.max_bytes or None).tensors


def read_file(path: Path, title: str, *, sha256: str | None = None, max_bytes: int | None = None) -> Weights:
    """Read a file of weights, torch's or safetensors', without running anything in it. Raises EngineError.

    A larger file is refused before it is read, and one with another SHA-256 before anything looks into it. The bytes
    that were checked are the bytes that are read.
    """
    content = _bounded(path, title, max_bytes)
    found = hashlib.sha256(content).hexdigest()
    if sha256 is not None and found != sha256:
        raise EngineError(
            f"The weights of {title} are not the ones we know: {path} was changed or damaged. Delete it and get it "
            f"again."
        )
    try:
        tensors = _parsed(content, path.suffix == ".safetensors", max_bytes)
    except BROKEN as error:
        raise EngineError(
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

    ``spare`` names may be missing, and are then left out. Raises EngineError.
    """
    odd = sorted((weights.keys() - expected.keys()) | (expected.keys() - weights.keys() - set(spare)))
    if odd:
        raise EngineError(f"The weights do not fit their network: {len(odd)} names differ, such as {odd[0]}.")
    for name, tensor in weights.items():
        if tensor.shape != expected[name].shape or tensor.dtype != expected[name].dtype:
            raise EngineError(f"The weights do not fit their network: {name} has another shape or type.")
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise EngineError(f"The weights are damaged: {name} has values that are not finite.")
    return dict(weights)


def _bounded(path: Path, title: str, max_bytes: int | None) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(-1 if max_bytes is None else max_bytes + 1)
            size = path.stat().st_size
    except OSError as error:
        raise EngineError(f"The weights of {title} cannot be read from {path}: {error.strerror}.") from error
    if max_bytes is not None and len(content) > max_bytes:
        raise EngineError(
            f"{path} has {size / MIBI:.0f} MiB, and the weights of {title} have at most {max_bytes / MIBI:.0f}: it was "
            f"not read."
        )
    return content


def _parsed(content: bytes, safe: bool, max_bytes: int | None) -> dict[str, Tensor]:
    if safe:
        tensors = safetensors.torch.load(content)
    else:
        file = io.BytesIO(content)
        if max_bytes is not None and zipfile.is_zipfile(file):  # a small file can unpack to a large one
            unpacked = sum(part.file_size for part in zipfile.ZipFile(file).infolist())
            if unpacked > max_bytes:
                raise ValueError("more bytes inside than the file may have")
        file.seek(0)
        tensors = torch.load(file, map_location="cpu", weights_only=True)
    if not isinstance(tensors, dict):
        raise TypeError("not tensors by name")
    for name, tensor in tensors.items():
        if not (isinstance(name, str) and isinstance(tensor, Tensor) and tensor.layout == torch.strided):
            raise TypeError("not tensors by name")
    return {name: tensor.detach() for name, tensor in tensors.items()}
