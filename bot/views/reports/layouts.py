"""A report as it is posted in the operator's channel."""

from __future__ import annotations

from typing import Any

import discord

from bot.language import Language
from bot.store.admin.reports import Decision, Reported
from bot.views.card import DREAMING, ENDED, Card
from bot.views.wording import address
from engine.sentences import mark

TAKE_DOWN, BLOCK, DISMISS = "take-down", "block", "dismiss"
PICTURE = "SPOILER_reported.webp"

HEADING = mark("**A dream was reported** · {link}")
DREAMED_BY = mark("Dreamed by {person}.")
REPORTED_BY = mark("Reported by {person}.")
SHUT_OUT = mark("{person} is shut out.")
TAKEN_DOWN = mark("**Taken down** by {operator}.")
DISMISSED = mark("**Dismissed** by {operator}.")
_DECIDED_BY = {Decision.TAKEN_DOWN: TAKEN_DOWN, Decision.DISMISSED: DISMISSED}
_DECIDED = {Decision.TAKEN_DOWN: mark("**Taken down.**"), Decision.DISMISSED: mark("**Dismissed.**")}


def custom_id(act: str, report_id: int) -> str:
    """Return the custom_id of a button or form about a report."""
    return f"oneiros:reported:{act}:{report_id}"


def template(act: str) -> str:
    """Return the pattern of ``custom_id``."""
    return rf"oneiros:reported:{act}:(?P<id>[0-9]{{1,18}})"


def lay_out(say: Language, of: Reported, *, picture: bool, blocked: bool) -> Card:
    """Lay out a report; ``picture``: it is attached; ``blocked``: who dreamed it is shut out."""
    link = f"[{say('go to it')}]({address(of.guild_id, of.channel_id, of.message_id)})"
    person = f"<@{of.about_id}>"
    facts = [
        say(HEADING, link=link),
        *(f"> {line}" for line in discord.utils.escape_markdown(of.reason).splitlines()),
        *([say(DREAMED_BY, person=person)] if of.about_id is not None else []),
        *([say(REPORTED_BY, person=f"<@{of.person_id}>")] if of.person_id is not None else []),
        *([say(SHUT_OUT, person=person)] if blocked and of.about_id is not None else []),
        *([_decision(say, of.decision, of.decided_by)] if of.decision is not None else []),
    ]
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay("\n".join(facts))]
    if picture:
        shown = discord.MediaGalleryItem(f"attachment://{PICTURE}", spoiler=True)
        items.append(discord.ui.MediaGallery(shown))
    buttons = _buttons(say, of, blocked=blocked)
    if buttons:
        items.append(discord.ui.ActionRow(*buttons))
    return Card(*items, colour=DREAMING if of.decision is None else ENDED)


def _decision(say: Language, decision: Decision, by: int | None) -> str:
    return say(_DECIDED[decision]) if by is None else say(_DECIDED_BY[decision], operator=f"<@{by}>")


def _buttons(say: Language, of: Reported, *, blocked: bool) -> list[discord.ui.Button[Any]]:
    danger, quiet = discord.ButtonStyle.danger, discord.ButtonStyle.secondary
    open_ = of.decision is None
    wanted = (
        (open_, TAKE_DOWN, say("Take down…"), danger),
        (of.about_id is not None and not blocked, BLOCK, say("Block the person…"), danger),
        (open_, DISMISS, say("Dismiss"), quiet),
    )
    return [
        discord.ui.Button(label=label, style=style, custom_id=custom_id(act, of.id))
        for shown, act, label, style in wanted
        if shown
    ]
