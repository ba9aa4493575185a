"""The gallery's part of ``/settings``, laid out: who adds, where it is shown, and its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import discord

from bot.guild import GalleryMode, GallerySettings, Versioned, WebMode
from bot.language import Language
from bot.views.card import DREAMED, Card
from bot.views.settings import words
from bot.views.settings.layout import CHATTY, LOG_LOST, back_button, custom_id
from engine.sentences import mark

MODE, CHANNEL, WEB = "gallery-mode", "gallery-channel", "gallery-web"
NUMBERS, NEW_LINK = "gallery-numbers", "gallery-link"

HEADING = mark("**The gallery of this server**\n-# Each change holds at once, and is kept with who made it.")
MODES = {
    GalleryMode.OPEN: mark("What members add is shown at once"),
    GalleryMode.APPROVAL: mark("What members add waits until a moderator approves it"),
    GalleryMode.CLOSED: mark("Nothing is added; what is there stays"),
}
WEB_MODES = {
    WebMode.OFF: mark("The gallery is seen in this server only"),
    WebMode.UNLISTED: mark("Not listed, and not for search engines"),
    WebMode.PUBLIC: mark("Listed on my first page, and found by search engines"),
}
RESTRICTED = mark("Age-restricted: dreams from age-restricted channels are posted there, too.")
UNRESTRICTED = mark("Not age-restricted: dreams from age-restricted channels are not posted there.")
CHANNEL_LOST = mark("⚠️ I cannot post there any more: let me see it, send messages and attach files, or choose another.")
NO_CHANNEL = mark("Each new dream of the gallery can be posted in a channel, once.")
NO_ADDRESS = mark("Who runs me has given me no address on the web: until then there is no page.")
DREAMERS_AGREE = mark("Only dreams whose dreamers agreed to it are on the page, and none from age-restricted channels.")

Item = discord.ui.Item[Any]


@dataclass(frozen=True)
class Shown:
    """What the gallery's part shows."""

    now: Versioned
    channels: frozenset[int]  # of the server, that can be named
    restricted: bool | None  # whether the gallery channel is; None: there is none, or we may not post there
    has_address: bool  # whether we have one on the web
    page: str | None  # the address of its page
    log_lost: bool = False


def gallery(say: Language, of: Shown) -> Card:
    """Lay out the gallery's settings, with the way back."""
    settings, version = of.now.settings.gallery, of.now.version
    buttons: list[Any] = [_button(NUMBERS, say("Numbers…"), "🔢", version)]
    if settings.web is not WebMode.OFF:
        buttons.append(_button(NEW_LINK, say("New link"), "🔗", version))
    items: list[Item] = [
        discord.ui.TextDisplay(say(HEADING)),
        discord.ui.Separator(),
        *_mode(say, settings, version),
        *_channel(say, of),
        *_web(say, of),
        discord.ui.Separator(),
        discord.ui.TextDisplay(_numbers(say, settings)),
        discord.ui.ActionRow(*buttons, back_button(say, version)),
    ]
    if of.log_lost:
        items.insert(1, discord.ui.TextDisplay(say(LOG_LOST)))
    return Card(*items, colour=DREAMED)


def _mode(say: Language, settings: GallerySettings, version: int) -> Iterator[Item]:
    options = [
        discord.SelectOption(
            label=say(words.MODES[mode]), value=mode.value, description=say(about)[:100], default=mode is settings.mode
        )
        for mode, about in MODES.items()
    ]
    yield _heading(say, "gallery.mode")
    yield discord.ui.ActionRow(discord.ui.Select[Any](custom_id=custom_id(MODE, version), options=options))


def _channel(say: Language, of: Shown) -> Iterator[Item]:
    chosen = of.now.settings.gallery.channel
    if chosen is None:
        note = NO_CHANNEL
    elif of.restricted is None:
        note = CHANNEL_LOST
    else:
        note = RESTRICTED if of.restricted else UNRESTRICTED
    yield _heading(say, "gallery.channel", say(note))
    yield discord.ui.ActionRow(
        discord.ui.ChannelSelect[Any](
            custom_id=custom_id(CHANNEL, of.now.version),
            channel_types=CHATTY,
            placeholder=say(words.NOWHERE),
            min_values=0,
            max_values=1,
            default_values=[
                discord.SelectDefaultValue.from_channel(discord.Object(one)) for one in (chosen,) if one in of.channels
            ],
        )
    )


def _web(say: Language, of: Shown) -> Iterator[Item]:
    settings = of.now.settings.gallery
    options = [
        discord.SelectOption(
            label=say(words.WEB_MODES[mode]),
            value=mode.value,
            description=say(about)[:100],
            default=mode is settings.web,
        )
        for mode, about in WEB_MODES.items()
    ]
    note = say(DREAMERS_AGREE) if of.has_address else say(NO_ADDRESS)
    yield _heading(say, "gallery.web", note)
    yield discord.ui.ActionRow(discord.ui.Select[Any](custom_id=custom_id(WEB, of.now.version), options=options))
    if of.page is not None:
        yield discord.ui.TextDisplay(f"<{of.page}>")


def _numbers(say: Language, settings: GallerySettings) -> str:
    names = ("votes_to_add", "reports_to_hide", "a_day")
    said = {f"gallery.{name}": getattr(settings, name) for name in names}
    return "\n".join(f"**{say(words.GALLERY_NAMES[name])}**: {words.value(say, name, of)}" for name, of in said.items())


def _heading(say: Language, setting: str, note: str | None = None) -> discord.ui.TextDisplay[Any]:
    heading = f"**{say(words.GALLERY_NAMES[setting])}**"
    return discord.ui.TextDisplay(heading if note is None else f"{heading}\n-# {note}")


def _button(act: str, label: str, emoji: str, version: int) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, emoji=emoji, custom_id=custom_id(act, version))
