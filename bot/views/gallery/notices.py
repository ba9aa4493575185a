"""What dreamers are told in direct messages of what others decided about their dreams in a gallery.

One message a decision, and none about one's own. Where Discord does not let us, nothing is lost: one's own entries in
``/gallery`` say the same.
"""

from __future__ import annotations

import logging
from typing import Any

import discord

from bot.entry import Entry
from bot.failures import FAILURES
from bot.language import Language
from bot.views import logbook, wording
from bot.views.admission import plain
from bot.views.card import DREAMED, ENDED, Card
from bot.views.gallery.visiting import custom_id
from bot.views.host import host_of
from bot.views.layouts import NOBODY
from engine.recipe import Recipe
from engine.sentences import mark

Interaction = discord.Interaction[Any]

log = logging.getLogger(__name__)

REMOVED = mark("**A moderator of {server} took your dream out of its gallery.**\nThe reason: {reason}")
CLEARED = mark("**A moderator of {server} took your {count} dreams out of its gallery.**\nThe reason: {reason}")
APPROVED = mark("**A moderator of {server} approved your dream: it is in the gallery now.**")
VOTED_IN = mark("**Members of {server} voted your dream into its gallery.**\nIf you do not want that, withdraw it.")
VOTED_FOR_APPROVAL = mark(
    "**Members of {server} voted for your dream: it is in the gallery once a moderator approves.**\n"
    "If you do not want that, withdraw it."
)
WHY = mark("You get this because you dreamed it. Your dreams in galleries: /gallery, *Mine*.")


async def removed(interaction: Interaction, entry: Entry) -> bool:
    """Tell a dreamer that a moderator took their entry out; False where they could not be told."""
    about = _about(interaction, await _place(interaction, entry), entry)
    return await _tell(interaction, entry.person_id, REMOVED, about, reason=plain(entry.reason or ""))


async def cleared(interaction: Interaction, entries: list[Entry]) -> bool:
    """Tell a dreamer that a moderator took all their entries out; False where they could not be told."""
    if len(entries) == 1:
        return await removed(interaction, entries[0])
    reason = plain(entries[0].reason or "")
    return await _tell(interaction, entries[0].person_id, CLEARED, count=len(entries), reason=reason)


async def approved(interaction: Interaction, entry: Entry) -> bool:
    """Tell a dreamer that a moderator approved their entry; False where they could not be told."""
    about = _about(interaction, await _place(interaction, entry), entry)
    return await _tell(interaction, entry.person_id, APPROVED, about, entry)


async def voted_in(interaction: Interaction, entry: Entry, *, waits: bool = False) -> bool:
    """Tell a dreamer that votes brought their dream in, or that it ``waits`` for approval then; False where not."""
    about = _about(interaction, await _place(interaction, entry), entry)
    return await _tell(interaction, entry.person_id, VOTED_FOR_APPROVAL if waits else VOTED_IN, about, entry)


async def _tell(
    interaction: Interaction,
    person_id: int,
    what: str,
    about: str = "",
    withdrawable: Entry | None = None,
    **values: Any,
) -> bool:
    """Send it, once: the same nonce makes the same message."""
    if person_id == interaction.user.id:
        return True
    say = logbook.server_language(interaction)
    view = _laid_out(say, say(what, server=_server(interaction), **values), about, withdrawable)
    try:
        channel = await interaction.client.create_dm(discord.Object(person_id))
        await channel.send(view=view, nonce=f"g{interaction.id}", allowed_mentions=NOBODY)
    except discord.Forbidden as error:
        log.info("a dreamer takes no direct messages (%s)", error.code)
        return False
    except FAILURES as error:
        log.warning("a dreamer could not be told what was decided in a gallery: %s", error)
        return False
    return True


def _laid_out(say: Language, what: str, about: str, withdrawable: Entry | None) -> Card:
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay("\n".join(filter(None, (what, about))))]
    items.append(discord.ui.TextDisplay(f"-# {say(WHY)}"))
    if withdrawable is not None:
        button = discord.ui.Button[Any](
            label=say("Withdraw"), emoji="🗑️", custom_id=custom_id("withdraw", withdrawable.id)
        )
        items.append(discord.ui.ActionRow(button))
    return Card(*items, colour=ENDED if withdrawable is None else DREAMED)


def _server(interaction: Interaction) -> str:
    return plain(interaction.guild.name) if interaction.guild is not None else "…"


def _about(interaction: Interaction, place: str | None, entry: Entry) -> str:
    """Say which dream it is: its title, what it dreams of, and the way to it."""
    say = logbook.server_language(interaction)
    title = f"“{plain(entry.title)}” · " if entry.title else ""
    link = f" · [{say('go to it')}]({place})" if place is not None else ""
    return f"{title}{wording.about(say, Recipe.from_json(entry.recipe))}{link}"


async def _place(interaction: Interaction, entry: Entry) -> str | None:
    """Return the address of the message that a dream was dreamed in, while that is known."""
    job = None if entry.job_id is None else await host_of(interaction).jobs.get(entry.job_id)
    return None if job is None else wording.address(job.guild_id, job.channel_id, job.message_id)
