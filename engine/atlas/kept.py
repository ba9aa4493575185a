"""What is kept of an atlas: sheets as WebP, and beside them, in JSON, what is on them. Loads no torch.

A sheet counts once the JSON names it, and the JSON is written after the sheet: both beside, then renamed. So an atlas
that was broken off, whenever that was, goes on with the sheet that it was at.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.vocabulary import classes

FILE = "atlas.json"
VERSION = 1


@dataclass(frozen=True)
class Entry:
    """One channel: the classes that the network sees in its picture, and how strongly the channel responds to it."""

    channel: int
    classes: tuple[int, ...]  # of ImageNet, the surest first
    response: float

    @property
    def words(self) -> tuple[str, ...]:
        """The names of the classes."""
        names = classes.names()
        return tuple(names[index] for index in self.classes)


@dataclass(frozen=True)
class Sheet:
    """A contact sheet: its file, and the channels on it, row by row."""

    layer: str
    file: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Atlas:
    """All sheets of a network that are there, and how they were made."""

    network: str
    made: Mapping[str, int | str]  # steps, seed and the like: an atlas is of one making
    sheets: tuple[Sheet, ...] = field(default=())

    def layers(self) -> list[str]:
        """Return the layers that have a sheet, in order."""
        return list(dict.fromkeys(sheet.layer for sheet in self.sheets))

    def of(self, layer: str) -> list[Sheet]:
        """Return the sheets of a layer."""
        return [sheet for sheet in self.sheets if sheet.layer == layer]

    def with_sheet(self, sheet: Sheet, order: Mapping[str, int]) -> Atlas:
        """Return the atlas with one sheet more, in place of one of that name; ``order`` is the place of each layer."""
        others = [other for other in self.sheets if other.file != sheet.file]
        ordered = sorted([*others, sheet], key=lambda one: (order.get(one.layer, len(order)), one.file))
        return replace(self, sheets=tuple(ordered))

    def to_json(self) -> str:
        """Write as JSON, a sheet a line."""
        sheets = ",\n".join(
            json.dumps({"layer": sheet.layer, "file": sheet.file, "entries": [_row(entry) for entry in sheet.entries]})
            for sheet in self.sheets
        )
        head = json.dumps({"version": VERSION, "network": self.network, "made": dict(self.made)})
        return f'{head[:-1]}, "sheets": [\n{sheets}\n]}}\n'


def load(folder: Path) -> Atlas | None:
    """Read the atlas in ``folder``; None where there is none. Raises EngineError for what is no atlas."""
    path = folder / FILE
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return _atlas(fields)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise EngineError("{path} cannot be read: {reason}.", path=str(path), reason=_reason(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EngineError(
            "{path} is not the list of an atlas. Delete it, or name another folder.", path=str(path)
        ) from error


def save(atlas: Atlas, folder: Path) -> None:
    """Write the list of an atlas. Raises EngineError."""
    write(folder / FILE, atlas.to_json().encode())


def write(path: Path, data: bytes) -> None:
    """Write beside, then rename: what stands at ``path`` is whole, also after a crash. Raises EngineError."""
    beside: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        beside = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as error:
        raise EngineError("{path} cannot be written: {reason}.", path=str(path), reason=_reason(error)) from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what a run that was killed had begun to write."""
    for part in folder.glob(".*.part"):
        part.unlink(missing_ok=True)


def _row(entry: Entry) -> list[Any]:
    return [entry.channel, list(entry.classes), entry.response]


def _atlas(fields: dict[str, Any]) -> Atlas:
    if fields["version"] != VERSION:
        raise ValueError("another version")
    sheets = [
        Sheet(
            str(sheet["layer"]),
            str(sheet["file"]),
            tuple(
                Entry(int(channel), tuple(map(int, seen)), float(value)) for channel, seen, value in sheet["entries"]
            ),
        )
        for sheet in fields["sheets"]
    ]
    return Atlas(str(fields["network"]), dict(fields["made"]), tuple(sheets))


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
