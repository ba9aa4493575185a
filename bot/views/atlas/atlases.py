"""The atlases that are kept, each read once, off the loop, when somebody first asks for it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bot.errors import UserError
from engine import atlas, catalogue
from engine.atlas import Atlas, Entry, subject_words
from engine.errors import EngineError
from engine.sentences import mark
from engine.vocabulary import layers
from engine.vocabulary.spelling import shown

log = logging.getLogger(__name__)

KEPT = Path(str(files("engine"))) / "data" / "atlas"

NO_ATLAS = mark("No atlas came with me to where I run, so there is nothing to look at. Tell whoever runs me.")
NO_ATLAS_OF = mark("There is no atlas of “{network}”. Choose {networks}.")
NO_LAYER = mark("The atlas of {network} has no layer “{layer}”. Choose {layers}.")
GONE = mark("The atlas has changed since, and that is no longer in it. /atlas shows what there is.")


@dataclass(frozen=True)
class Cell:
    """One channel: what is known of it, and where its picture is."""

    layer: str
    entry: Entry
    sheet: Path
    place: int  # on the sheet, row by row

    @property
    def words(self) -> str:
        """How it is written where one says what to dream of."""
        return subject_words(self.layer, self.entry.channel)


class Book:
    """The atlas of one network, by layer, by channel and by what channels are taken for.

    ``seen_as``: by class of ImageNet, the channels that are taken for it, each with the place of it among its three.
    """

    def __init__(self, made: Atlas, folder: Path) -> None:
        self.network = catalogue.network(made.network)
        self._cells: dict[str, dict[int, Cell]] = {layer: {} for layer in made.layers() if layer in self.network.layers}
        for sheet in (sheet for sheet in made.sheets if sheet.layer in self._cells):
            for place, entry in enumerate(sheet.entries):
                self._cells[sheet.layer][entry.channel] = Cell(sheet.layer, entry, folder / sheet.file, place)
        self._named = {layers.short(layer): layer for layer in self._cells if layers.short(layer)}
        self._named |= {layer.casefold(): layer for layer in self._cells}
        self.seen_as: dict[int, list[tuple[int, Cell]]] = defaultdict(list)
        for cells in reversed(self._cells.values()):  # the deeper, the more of a thing
            for cell in cells.values():
                for rank, index in enumerate(cell.entry.classes):
                    self.seen_as[index].append((rank, cell))

    @property
    def layers(self) -> list[str]:
        """Its layers, in order of depth."""
        return list(self._cells)

    @property
    def first_layer(self) -> str:
        """The layer to begin with: the one that the network dreams at unless another is named."""
        default = self.network.default_layer
        return default if default in self._cells else self.layers[0]

    def find_layer(self, name: str) -> str | None:
        """Return the layer of this name, or of this short one (``4`` for ``blocks.4``)."""
        return self._named.get(name.strip().casefold())

    def layer_named(self, name: str) -> str:
        """Return the layer of this name. Raises UserError that says which there are."""
        found = self.find_layer(name)
        if found is None:
            raise UserError(NO_LAYER, network=self.network.name, layer=shown(name), layers=tuple(self._cells))
        return found

    def cells(self, layer: str) -> list[Cell]:
        """Return the channels of a layer, in order. Raises UserError where it has none here."""
        if not self._cells.get(layer):
            raise UserError(GONE)
        return list(self._cells[layer].values())

    def cell(self, layer: str, channel: int) -> Cell:
        """Return one channel. Raises UserError where it is not there."""
        found = self._cells.get(layer, {}).get(channel)
        if found is None:
            raise UserError(GONE)
        return found


class Atlases:
    """What is in a folder of atlases, one a network of the catalogue."""

    def __init__(self, folder: Path = KEPT) -> None:
        self._folder = folder
        self._read: dict[str, Book | None] = {}

    async def find(self, network: str) -> Book | None:
        """Return the atlas of a network, or None where there is none, or none that can be read."""
        if network not in catalogue.networks():
            return None
        if network not in self._read:
            self._read[network] = await asyncio.to_thread(_read, self._folder / network)
        return self._read[network]

    async def networks(self) -> list[str]:
        """Return the networks that have an atlas, in the order to show them."""
        return [name for name in catalogue.networks() if await self.find(name) is not None]

    async def of(self, network: str) -> Book:
        """Return the atlas of a network. Raises UserError that says of which there are."""
        found = await self.find(network)
        if found is None:
            there = await self.networks()
            if not there:
                raise UserError(NO_ATLAS)
            raise UserError(NO_ATLAS_OF, network=shown(network), networks=tuple(there))
        return found

    async def first(self) -> Book:
        """Return the atlas to begin with. Raises UserError where there is none."""
        there = await self.networks()
        if not there:
            raise UserError(NO_ATLAS)
        return await self.of(there[0])


def _read(folder: Path) -> Book | None:
    try:
        made = atlas.load(folder)
        book = None if made is None else Book(made, folder)
    except EngineError:
        log.exception("the atlas of %s is left out", folder.name)
        return None
    return book if book is not None and book.layers else None
