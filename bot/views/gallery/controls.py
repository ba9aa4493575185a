"""The buttons about an entry, to be shown: what pressing them does, in the modules beside, lays out whole messages."""

from __future__ import annotations

from typing import Any

import discord

from bot.entry import Entry
from bot.language import Language
from bot.views.buttons import VOTE_EMOJI
from bot.views.gallery.visiting import custom_id

Button = discord.ui.Button[Any]

OPEN, VOTE, REMIX, REPORT, SHARE, LINK, ORIGINAL = "open", "vote", "remix", "report", "share", "link", "original"
WEB, WITHDRAW, REALLY_WITHDRAW, OWN, MINE = "web", "withdraw", "really-withdraw", "own", "mine"
PAGE, SORT, PICK = "page", "sort", "pick"


def vote_button(entry: Entry) -> Button:
    """Return the button that votes or takes the vote back, with how many votes there are."""
    return discord.ui.Button(label=str(entry.votes), emoji=VOTE_EMOJI, custom_id=custom_id(VOTE, entry.id))


def remix_button(say: Language, entry: Entry) -> Button:
    """Return the button that dreams on one's own picture with an entry's recipe."""
    return _button(REMIX, entry, say("Remix"), "🌀", discord.ButtonStyle.primary)


def open_button(say: Language, entry: Entry) -> Button:
    """Return the button that shows an entry to who presses it."""
    return _button(OPEN, entry, say("Open"), "🏛️")


def report_button(say: Language, entry: Entry) -> Button:
    """Return the button that tells the moderators of an entry."""
    return _button(REPORT, entry, say("Report…"), "🚩")


def original_button(say: Language, entry: Entry) -> Button:
    """Return the button that shows before and after."""
    return _button(ORIGINAL, entry, say("Original"), "🖼️")


def share_button(say: Language, entry: Entry) -> Button:
    """Return the button that posts an entry in the channel."""
    return _button(SHARE, entry, say("Share here"), "📣")


def link_button(say: Language, entry: Entry) -> Button:
    """Return the button that gives an entry's address on the web."""
    return _button(LINK, entry, say("Link"), "🔗")


def web_button(say: Language, entry: Entry) -> Button:
    """Return the button by which its dreamer decides whether an entry is on the web."""
    return _button(WEB, entry, say("Web…"), "🌐")


def withdraw_button(say: Language, entry: Entry) -> Button:
    """Return the button by which its dreamer takes an entry back: it asks first."""
    return _button(WITHDRAW, entry, say("Withdraw"), "🗑️", discord.ButtonStyle.danger)


def really_withdraw_button(say: Language, entry: Entry) -> Button:
    """Return the button that takes an entry back."""
    return _button(REALLY_WITHDRAW, entry, say("Withdraw for good"), "🗑️", discord.ButtonStyle.danger)


def own_button(say: Language, entry: Entry, label: str) -> Button:
    """Return the button that shows an entry as its dreamer sees it."""
    return _button(OWN, entry, say(label), None)


def mine_button(label: str, emoji: str, before: int = 0) -> Button:
    """Return the button that lists one's own entries, from the newest or from those before one."""
    return discord.ui.Button(label=label, emoji=emoji, custom_id=custom_id(MINE, before))


def _button(
    act: str,
    entry: Entry,
    label: str,
    emoji: str | None,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> Button:
    return discord.ui.Button(label=label, emoji=emoji, style=style, custom_id=custom_id(act, entry.id))
