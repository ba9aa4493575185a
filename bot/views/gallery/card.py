"""An entry as it stands in a channel for everybody: in the gallery channel, and where somebody shares it."""

from __future__ import annotations

from typing import Any

import discord

from bot.entry import Entry
from bot.language import Language
from bot.views import wording
from bot.views.admission import plain
from bot.views.alt_text import alt_text
from bot.views.card import DREAMED, Card
from bot.views.uploads import Upload
from engine.recipe import Recipe


def posted(say: Language, entry: Entry, upload: Upload | None) -> Card:
    """Lay out an entry for everybody in a channel; ``upload`` is its picture, attached."""
    recipe = Recipe.from_json(entry.recipe)
    title = f"**{plain(entry.title)}**\n" if entry.title else ""
    items: list[discord.ui.Item[Any]] = [
        discord.ui.TextDisplay(title + say("Dreamed by {person}", person=f"<@{entry.person_id}>")),
    ]
    if upload is not None:
        picture = discord.MediaGalleryItem(
            f"attachment://{upload.name}", description=alt_text(say, recipe), spoiler=entry.spoiler
        )
        items.append(discord.ui.MediaGallery(picture))
    items.append(discord.ui.TextDisplay(f"-# {wording.recipe(say, recipe, seed=True)}"))
    return Card(*items, colour=DREAMED)
