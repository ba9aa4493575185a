"""The form that asks which channel of a layer to show."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.errors import UserError
from bot.language import Language, language_of
from bot.views.atlas import panel as atlas_panel
from bot.views.atlas.atlases import Book, Cell
from bot.views.forms import Form
from engine.sentences import mark
from engine.vocabulary.spelling import shown, tidy
from engine.vocabulary.terms import LOGITS, Channels, Class
from engine.vocabulary.things import recognise

Interaction = discord.Interaction[Any]

LONGEST = 60  # characters: no class's name is longer

ONE_ONLY = mark("“{words}” is not one number. Type one, such as 12.")


class NumberForm(Form, template=r"oneiros:atlas-number:(?P<network>[^/]{1,30})/(?P<layer>[^/]{1,30})"):
    """Asks for a channel's number, of the logits for a class's number or name."""

    def __init__(self, say: Language, network: str, layer: str, last: int) -> None:
        super().__init__(
            title=say("Choose a class") if layer == LOGITS else say("Choose a feature channel"),
            custom_id=f"oneiros:atlas-number:{network}/{layer}",
        )
        self.network, self.layer = network, layer
        self.typed = discord.ui.TextInput[Any](custom_id="typed", min_length=1, max_length=LONGEST)
        if layer == LOGITS:
            self.field(say("Number or name"), self.typed, say("0 to {last}, or a name such as peacock", last=last))
        else:
            self.field(say("Number"), self.typed, say("0 to {last}", last=last))

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), match["network"], match["layer"], 0)

    async def on_submit(self, interaction: Interaction, /) -> None:
        book = await atlas_panel.book_of(interaction, self.network)
        cell = cell_typed(book, self.layer, self.typed.value)
        await interaction.response.defer()
        await atlas_panel.show_one(interaction, book, cell)


def cell_typed(book: Book, layer: str, typed: str) -> Cell:
    """Return the channel of a layer that somebody typed. Raises UserError, and RecipeError that says what is wrong."""
    cells, words = {cell.entry.channel: cell for cell in book.cells(layer)}, tidy(typed)
    if not words:
        raise UserError(ONE_ONLY, words=shown(typed))
    subject = f"class {words}" if layer == LOGITS else f"channel {layer}:{words}"
    match [term.what for term in recognise(subject, (book.network.name,)).terms]:
        case [Class(index)]:
            return cells[index]
        case [Channels(of, (channel,))] if of == layer:
            return cells[channel]
        case _:
            raise UserError(ONE_ONLY, words=shown(typed))
