"""The one private message about the atlas: a page, or one channel, put into the reply of whoever acts."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable
from typing import Any

import discord

from bot.errors import UserError
from bot.language import language_of
from bot.views.atlas import drawing
from bot.views.atlas import layouts as atlas_layouts
from bot.views.atlas.atlases import GONE, Book, Cell
from bot.views.atlas.drawing import PAGE
from bot.views.atlas.layouts import PICTURE
from bot.views.host import host_of
from engine.sentences import mark

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]

BROKEN = mark("That picture of the atlas cannot be read where I run. Tell whoever runs me, and look at another.")


async def book_of(interaction: Interaction, network: str) -> Book:
    """Return the atlas that a button is about. Raises UserError where it is there no more."""
    found = await host_of(interaction).atlases.find(network)
    if found is None:
        raise UserError(GONE)
    return found


async def show_page(interaction: Interaction, book: Book, layer: str, number: int) -> None:
    """Show a page of a layer; the interaction is acknowledged already. Raises UserError for one that is not there."""
    say, networks = language_of(interaction.locale.value), await host_of(interaction).atlases.networks()
    here = book.cells(layer)[number * PAGE : (number + 1) * PAGE]
    if not here:
        raise UserError(GONE)
    view = atlas_layouts.page(say, book, networks, layer, number)
    picture = await _drawn(lambda: drawing.page(here))
    await _put(interaction, view, picture, atlas_layouts.page_alt(say, layer, here))


async def show_one(interaction: Interaction, book: Book, cell: Cell) -> None:
    """Show one channel; the interaction is acknowledged already."""
    say = language_of(interaction.locale.value)
    view = atlas_layouts.one(say, book, cell)
    await _put(interaction, view, await _drawn(lambda: drawing.alone(cell)), atlas_layouts.alone_alt(say, cell))


async def _drawn(draw: Callable[[], bytes]) -> bytes:
    try:
        return await asyncio.to_thread(draw)
    except OSError as error:
        log.exception("a sheet of the atlas cannot be read")
        raise UserError(BROKEN) from error


async def _put(interaction: Interaction, view: discord.ui.LayoutView, picture: bytes, alt: str) -> None:
    file = discord.File(io.BytesIO(picture), filename=PICTURE, description=alt)
    await interaction.edit_original_response(
        view=view, attachments=[file], allowed_mentions=discord.AllowedMentions.none()
    )
