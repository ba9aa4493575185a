"""What stands in a server's log channel about its gallery channel, and in the place of what was taken out."""

from __future__ import annotations

from typing import Any

import discord

from bot.entry import Entry
from bot.language import Language
from bot.views.admission import plain
from bot.views.card import ENDED, Card
from bot.views.gallery.visiting import custom_id
from engine.sentences import mark

HIDDEN = mark(
    "🖼️ A dream of {person} is hidden from the gallery: its message in {place} was deleted. It is not posted again."
)
PURGED = mark(
    "🖼️ {count} messages of the gallery were deleted in {place} at once. Their dreams stay in the gallery, and are not "
    "posted again; /gallery lets you take them out."
)
NO_CHANNEL = mark("🖼️ The gallery channel was deleted. The gallery stays; choose another channel in /settings.")
WITHDRAWN = mark("This dream is no longer in the gallery.")
RESTORE = mark("Restore")


def hidden(say: Language, entry: Entry) -> Card:
    """Say that an entry was hidden, with a button that shows it again."""
    place = f"<#{entry.mirror_channel_id}>"
    title = f"\n**{plain(entry.title)}**" if entry.title else ""
    restore: discord.ui.Button[Any] = discord.ui.Button(label=say(RESTORE), custom_id=custom_id("restore", entry.id))
    return Card(
        discord.ui.TextDisplay(say(HIDDEN, person=f"<@{entry.person_id}>", place=place) + title),
        discord.ui.ActionRow(restore),
        colour=ENDED,
    )


def withdrawn(say: Language) -> Card:
    """Stand where an entry's message stood that cannot be deleted."""
    return Card(discord.ui.TextDisplay(say(WITHDRAWN)), colour=ENDED)
