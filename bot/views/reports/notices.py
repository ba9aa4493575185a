"""Notices to whoever runs the bot, as they are worded and posted: one message for all that waits."""

from __future__ import annotations

import discord

from bot.admin.notices import Gathered, Notices
from bot.floods import Actor, Scope
from bot.job import Shown
from bot.jobs.events import Delivered, Event
from bot.language import Language
from bot.store.admin.takedowns import is_taken_down
from bot.store.gallery.gone import GoneMessage
from bot.views.admission import plain
from bot.views.wording import address
from engine.sentences import mark

MOST_CHARACTERS = 1900  # Discord takes 2000, in a message of words alone
LONGEST_LINE = 400

CAME = mark("➕ I was let into {server}.")
LEFT = mark("➖ I am no longer in {server}.")
NOT_SERVED = mark("🚫 {server} let me in, which I do not serve: I stay there, and have said so.")
TURNED_AWAY = mark("🚫 I do not serve {server}, and have left it.")
NOT_LEFT = mark("⚠️ I do not serve {server}, and could not leave it. It is tried again at the next start.")
STAYS = mark("⚠️ This may still show what was taken down, and I may not delete it: {link}")
LOST = mark("Before this, {count} more that I do not tell here: see the log.")
_FLOODS: dict[Scope, str] = {
    "person": mark("🌊 {person} acts faster than one may. To shut them out: {command}"),
    "server": mark("🌊 In {server} they act faster than they may. To shut it out: {command}"),
    "whole": mark("🌊 All together act faster than they may: whoever acts much, or is new, is turned away."),
}


def named(guild: discord.Guild) -> str:
    """Return a server's name, and its id, by which ``oneiros admin`` knows it."""
    return f"**{plain(guild.name)}** (`{guild.id}`)"


def tell_flood(notices: Notices, scope: Scope, actor: Actor) -> None:
    """Tell of a flood that begins."""
    values: dict[Scope, dict[str, str]] = {
        "person": {"person": f"<@{actor.person_id}>", "command": _block("people", actor.person_id)},
        "server": {"server": f"`{actor.guild_id}`", "command": _block("servers", actor.guild_id)},
        "whole": {},
    }
    notices.tell(_FLOODS[scope], **values[scope])


def _block(whom: str, number: int | None) -> str:
    return f"`oneiros admin {whom} block {number}`"


def tell_staying(notices: Notices, one: GoneMessage) -> None:
    """Tell of a message that a takedown wants gone, and that cannot be deleted."""
    notices.tell(STAYS, link=address(one.guild_id, one.channel_id, one.message_id))


def tell_kept(notices: Notices, event: Event) -> None:
    """Tell of a dream's message that a takedown wants changed, and that cannot be; what one person sees is left out."""
    if not isinstance(event, Delivered) or event.shown is not Shown.KEPT:
        return
    job = event.job
    if job.place == 0 and not job.private and is_taken_down(job.failure):
        notices.tell(STAYS, link=address(job.guild_id, job.channel_id, job.message_id))


def worded(say: Language, gathered: Gathered) -> tuple[str, Gathered]:
    """Return the text of one message, and what of it is told by that."""
    lines: list[str] = [say(LOST, count=gathered.lost)] if gathered.lost else []
    before = len(lines)
    for sentence in gathered.sentences:
        line = say(sentence)[:LONGEST_LINE]
        if sum(map(len, lines)) + len(lines) + len(line) > MOST_CHARACTERS:
            break
        lines.append(line)
    return "\n".join(lines), Gathered(gathered.sentences[: len(lines) - before], gathered.lost)
