"""One's own entries: what somebody has in this server's gallery or, in direct messages, in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.entry import Entry
from bot.language import Language, language_of
from bot.presets import names
from bot.views import asking
from bot.views.card import DREAMED, Card
from bot.views.gallery import card, controls, panel, pictures
from bot.views.gallery.listing import MOST_LABEL
from bot.views.gallery.places import Place
from bot.views.host import host_of
from engine.sentences import mark

Interaction = discord.Interaction[Any]

PAGE = 9  # entries
NONE = mark("**You have nothing in a gallery.** Press 🏛️ *Add to gallery* under a dream of yours in a server.")
NO_MORE = mark("**These were all of yours.**")
HEADING = mark("### What is yours in the gallery")
NOTHING_DECIDED = mark("**Nothing has changed.**")


async def show_mine(interaction: Interaction, before: int = 0) -> None:
    """List the entries of who acts that are older than one, all for 0; the interaction is acknowledged already."""
    entries = await host_of(interaction).gallery.mine(
        interaction.user.id, PAGE + 1, before or None, interaction.guild_id
    )
    say = language_of(interaction.locale.value)
    more = len(entries) > PAGE
    here = entries[:PAGE]
    await panel.put(interaction, _listed(interaction, say, here, more=more, first=not before))


async def show_own(interaction: Interaction, entry: Entry, heading: str = "") -> None:
    """Show an entry to its dreamer, under a sentence that says what just happened; acknowledged already."""
    seen = not entry.restricted or asking.restricted(interaction)
    upload = await pictures.full(interaction, entry) if seen else None
    say = language_of(interaction.locale.value)
    view = card.owned(
        say,
        entry,
        upload,
        where=_elsewhere(interaction, entry),
        page=host_of(interaction).gallery.has_page(entry.guild_id),
        heading=say(heading) if heading else "",
    )
    await panel.put(interaction, view, [upload] if upload is not None else [])


def _listed(interaction: Interaction, say: Language, entries: Sequence[Entry], *, more: bool, first: bool) -> Card:
    ways: list[discord.ui.Button[Any]] = []
    if not first:
        ways.append(controls.mine_button(say("The newest"), "⏮️"))
    if more:
        ways.append(controls.mine_button(say("Older ones"), "▶️", entries[-1].id))
    if interaction.guild_id is not None:
        everything = Place().custom_id(controls.PAGE)
        ways.append(discord.ui.Button(label=say("The gallery"), emoji="🏛️", custom_id=everything))
    rows: list[discord.ui.Item[Any]] = [discord.ui.ActionRow(*ways)] if ways else []
    if not entries:
        return Card(discord.ui.TextDisplay(say(NONE if first else NO_MORE)), *rows, colour=DREAMED)
    lines = [_line(interaction, say, number, one) for number, one in enumerate(entries, 1)]
    chooser = discord.ui.Select[Any](
        custom_id=f"oneiros:gallery:{controls.OWN}",
        placeholder=say("Withdraw one, or decide on it…"),
        options=[
            discord.SelectOption(label=f"{number}. {_called(say, one)}"[:MOST_LABEL], value=str(one.id))
            for number, one in enumerate(entries, 1)
        ],
    )
    words = "\n".join([say(HEADING), *lines])
    return Card(discord.ui.TextDisplay(words), discord.ui.ActionRow(chooser), *rows, colour=DREAMED)


def _line(interaction: Interaction, say: Language, number: int, entry: Entry) -> str:
    where = _elsewhere(interaction, entry)
    place = [] if where is None else [say("in {server}", server=names.shown(where))]
    facts = [f"**{number}.** {card.title(say, entry)}", *place, f"⭐ {entry.votes}"]
    state = say(card.STATES[entry.state])
    if host_of(interaction).gallery.address(entry) is not None:
        state = f"{state} {card.web_words(say, entry)}."
    return f"{' · '.join(facts)}\n-# {state}"


def _called(say: Language, entry: Entry) -> str:
    return entry.title or card.title(say, entry)


def _elsewhere(interaction: Interaction, entry: Entry) -> str | None:
    """Return what an entry's server is called, where that is not clear: None in the server itself, or if unknown."""
    return None if entry.guild_id == interaction.guild_id else panel.server_name(interaction, entry.guild_id)
