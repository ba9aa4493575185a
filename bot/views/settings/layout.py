"""The panel of ``/settings``, laid out: what is settled, with the selects and buttons that change it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.guild import MOST_CHOSEN, Change, GuildSettings, Versioned
from bot.language import LANGUAGES, Language
from bot.preset import Preset
from bot.views.card import DREAMED, ENDED, Card
from bot.views.presets.layouts import OWNERS
from bot.views.settings import words
from engine.films.settings import MOST_SECONDS
from engine.recipe import LARGEST_SIDE
from engine.sentences import mark

CHANNELS, ROLES, PRIORITY = "channels", "roles", "priority"
LANGUAGE, SIZE, FILMS, LOG = "language", "size", "films", "log"
PRESET = "preset"
PREVIEWS, PERSON, SERVER, CHANGES, PANEL = "previews", "person", "server", "changes", "panel"
GALLERY = "gallery"

MOST_LABEL = 100
MOST_LETTERS = 3800  # of the lines of changes: all texts of a message have 4000 characters
NONE = "none"  # the value of a choice that takes a setting away
SIZES = (256, 384, 512, 640, 768, 1024, 1536, 2048, 3072, 4096, 6144, LARGEST_SIDE)
FILM_SECONDS = (0.0, 2.0, 4.0, 6.0, 10.0, 15.0, 20.0, 30.0, MOST_SECONDS)
CHATTY = [discord.ChannelType.text, discord.ChannelType.news]
PLACES = [
    *CHATTY,
    discord.ChannelType.forum,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]

HEADING = mark("**Settings of this server**\n-# Each change holds at once, and is kept with who made it.")
CHANGES_HEADING = mark("**Changes** · the last ones")
NO_CHANGES = mark("Nobody has changed any setting yet.")
LOG_LOST = mark("⚠️ I cannot write into the log channel: let me see it and send messages there, or choose another.")

Item = discord.ui.Item[Any]


@dataclass(frozen=True)
class Panel:
    """What the panel shows. ``channels`` and ``roles`` are those of the server that can be named"""

    now: Versioned
    channels: frozenset[int]
    roles: frozenset[int]
    presets: Sequence[Preset]  # of the server, then the built-in ones
    log_lost: bool = False


def custom_id(act: str, version: int) -> str:
    """Return the custom_id of a part of the panel that shows the settings of a version."""
    return f"oneiros:settings:{act}:{version}"


def panel(say: Language, of: Panel) -> Card:
    """Lay out the panel."""
    settings = of.now.settings
    items: list[Item] = [
        discord.ui.TextDisplay(say(HEADING)),
        discord.ui.Separator(),
        *_selects(say, of),
        discord.ui.Separator(),
        discord.ui.TextDisplay(_limits(say, settings)),
        discord.ui.ActionRow(*_buttons(say, of.now)),
    ]
    if of.log_lost:
        items.insert(1, discord.ui.TextDisplay(say(LOG_LOST)))
    return Card(*items, colour=DREAMED)


def changes(say: Language, of: Sequence[Change], version: int) -> Card:
    """Lay out the last changes, with the way back."""
    lines: list[str] = []
    for change in of:
        lines.append(f"- {words.line(say, change)}")
        if sum(map(len, lines)) > MOST_LETTERS:
            lines.pop()
            break
    return Card(
        discord.ui.TextDisplay(say(CHANGES_HEADING)),
        discord.ui.TextDisplay("\n".join(lines) or say(NO_CHANGES)),
        discord.ui.ActionRow(back_button(say, version)),
        colour=ENDED,
    )


def _selects(say: Language, of: Panel) -> Iterator[Item]:
    settings, version = of.now.settings, of.now.version
    yield from _named(say, "channels", _channels(say, of, CHANNELS, settings.channels, PLACES, MOST_CHOSEN))
    yield from _named(say, "roles", _roles(of, ROLES, settings.roles, say(words.EVERYBODY)))
    yield from _named(say, "priority_roles", _roles(of, PRIORITY, settings.priority_roles, say(words.NO_ROLE)))
    yield from _named(say, "default_preset", _choice(PRESET, version, _presets(say, of)))
    yield from _named(say, "language", _choice(LANGUAGE, version, _languages(say, settings.language)))
    yield from _named(say, "max_size", _choice(SIZE, version, _sizes(say, settings.max_size)))
    yield from _named(say, "film_seconds", _choice(FILMS, version, _lengths(say, settings.film_seconds)))
    log = () if settings.log_channel is None else (settings.log_channel,)
    yield from _named(say, "log_channel", _channels(say, of, LOG, log, CHATTY, 1))


def back_button(say: Language, version: int) -> discord.ui.Button[Any]:
    """Return the button that shows the panel again."""
    return discord.ui.Button(label=say("Back to the settings"), emoji="⬅️", custom_id=custom_id(PANEL, version))


def _named(say: Language, setting: str, select: Item) -> tuple[Item, Item]:
    return discord.ui.TextDisplay(f"**{say(words.NAMES[setting])}**"), discord.ui.ActionRow(select)


def _channels(
    say: Language,
    of: Panel,
    act: str,
    chosen: Sequence[int],
    types: list[discord.ChannelType],
    most: int,
) -> discord.ui.ChannelSelect[Any]:
    return discord.ui.ChannelSelect(
        custom_id=custom_id(act, of.now.version),
        channel_types=types,
        placeholder=say(words.EVERYWHERE if act == CHANNELS else words.NOWHERE),
        min_values=0,
        max_values=most,
        default_values=[
            discord.SelectDefaultValue.from_channel(discord.Object(one)) for one in chosen if one in of.channels
        ],
    )


def _roles(of: Panel, act: str, chosen: Sequence[int], none: str) -> discord.ui.RoleSelect[Any]:
    return discord.ui.RoleSelect(
        custom_id=custom_id(act, of.now.version),
        placeholder=none,
        min_values=0,
        max_values=MOST_CHOSEN,
        default_values=[discord.SelectDefaultValue.from_role(discord.Object(one)) for one in chosen if one in of.roles],
    )


def _choice(act: str, version: int, options: list[discord.SelectOption]) -> discord.ui.Select[Any]:
    return discord.ui.Select(custom_id=custom_id(act, version), options=options)


def _languages(say: Language, chosen: str | None) -> list[discord.SelectOption]:
    own = discord.SelectOption(label=say(words.OWN_LANGUAGE), value=NONE, default=chosen is None)
    return [
        own,
        *(discord.SelectOption(label=name, value=code, default=code == chosen) for code, name in LANGUAGES.items()),
    ]


def _sizes(say: Language, chosen: int | None) -> list[discord.SelectOption]:
    free = discord.SelectOption(label=say(words.NO_SIZE), value=NONE, default=chosen is None)
    sizes = sorted({*SIZES} if chosen is None else {*SIZES, chosen})
    return [
        free,
        *(
            discord.SelectOption(label=words.pixels(say, size), value=str(size), default=size == chosen)
            for size in sizes
        ),
    ]


def _lengths(say: Language, chosen: float | None) -> list[discord.SelectOption]:
    lengths = [None, *sorted({*FILM_SECONDS} if chosen is None else {*FILM_SECONDS, chosen})]
    return [
        discord.SelectOption(
            label=words.film_seconds(say, one), value=NONE if one is None else f"{one:g}", default=one == chosen
        )
        for one in lengths
    ]


def _presets(say: Language, of: Panel) -> list[discord.SelectOption]:
    """Offer as many presets as a select takes; the one that is chosen is among them, also where it is gone."""
    chosen = of.now.settings.default_preset
    tag = None if chosen is None else chosen.tag
    first = [one for one in of.presets if one.tag == tag]
    found = [*first, *(one for one in of.presets if one.tag != tag)]
    options = [discord.SelectOption(label=say(words.NO_PRESET), value=NONE, default=chosen is None)]
    if chosen is not None and not first:
        label = say(words.GONE_PRESET, name=chosen.name)
        options.append(discord.SelectOption(label=label[:MOST_LABEL], value=chosen.tag, default=True))
    options += [
        discord.SelectOption(label=one.name, value=one.tag, description=say(OWNERS[one.owner]), default=one.tag == tag)
        for one in found
    ]
    return options[:MOST_CHOSEN]


def _limits(say: Language, settings: GuildSettings) -> str:
    said = {"person": settings.person, "server": settings.server}
    return "\n".join(f"**{say(words.NAMES[name])}**: {words.bounds(say, of)}" for name, of in said.items())


def _buttons(say: Language, now: Versioned) -> Iterator[Item]:
    shown = now.settings.previews
    labelled = (
        (PREVIEWS, say("Previews: on") if shown else say("Previews: off"), "👁️"),
        (PERSON, say("Limits for one person…"), "👤"),
        (SERVER, say("Limits for the server…"), "🏠"),
        (GALLERY, say("Gallery…"), "🖼️"),
        (CHANGES, say("Changes"), "📜"),
    )
    for act, label, emoji in labelled:
        style = discord.ButtonStyle.success if act == PREVIEWS and shown else discord.ButtonStyle.secondary
        yield discord.ui.Button(label=label, emoji=emoji, style=style, custom_id=custom_id(act, now.version))
