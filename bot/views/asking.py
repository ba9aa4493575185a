"""From an interaction to Requests: what is written down of who asks, for what, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.drafts import Ask
from bot.errors import UserError
from bot.fail_points import FailPoint, fail_point
from bot.job import Job, Request
from bot.views.admission import admit, has_one, most_film_s, settings_here
from bot.views.host import host_of
from engine.sentences import Sentence, mark

PRIORITY = 2.0
MADE_SMALLER = mark("In this server dreams are at most {size} pixels large.")
THINKS_IN_PUBLIC = "oneiros: everybody sees it think"  # a key of Interaction.extras


def restricted(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the place is age-restricted. Unknown counts as restricted: a thread whose parent is not cached
    looks harmless and may not be.
    """
    channel = interaction.channel
    if isinstance(channel, discord.Thread):
        return channel.parent is None or channel.parent.is_nsfw()
    nsfw = getattr(channel, "nsfw", None)
    return True if nsfw is None else bool(nsfw)


def stays_private(interaction: discord.Interaction[Any], job: Job | None) -> bool:
    """Tell whether what is made of ``job`` here is for who presses only; None: nothing is kept of it.

    So is what was begun where nobody else sees it, and what comes from an age-restricted place anywhere else.
    """
    message = interaction.message
    unseen = message is not None and message.flags.ephemeral
    return unseen or (job is not None and (job.private or (job.restricted and not restricted(interaction))))


def weight(interaction: discord.Interaction[Any]) -> float:
    """Return how much a job asked for here weighs in the fair order."""
    if not isinstance(interaction.user, discord.Member):  # in a direct message nobody has roles
        return 1.0
    roles = host_of(interaction).settings.priority_roles | set(settings_here(interaction).priority_roles)
    return PRIORITY if has_one(interaction, roles) else 1.0


def fitted(interaction: discord.Interaction[Any], ask: Ask) -> tuple[Ask, str | None]:
    """Return ``ask`` as large, and a film as long, as a server lets dreams be, and what is to be said of that.

    Raises UserError where there are no films.
    """
    most, notes = settings_here(interaction).max_size, []
    if ask.film is not None:
        film, note = ask.film.fitted(most, most_film_s(interaction))
        ask, notes = replace(ask, film=film), [note] if note is not None else []
    if most is not None and ask.recipe.size > most:
        ask = replace(ask, recipe=ask.recipe.model_copy(update={"size": most}))
        notes.append(Sentence(MADE_SMALLER, {"size": most}))
    return ask, "\n".join(note.to_text() for note in notes) or None


async def accept(
    interaction: discord.Interaction[Any], asks: Sequence[Ask], *, private: bool = False, here: bool = False
) -> list[Request]:
    """Acknowledge with a "thinking…" that becomes the one message of all ``asks``; return what to write down.

    ``private``: only the person sees it. ``here``: the message that was pressed becomes theirs instead. What the
    server's moderators have settled holds. Raises UserError.
    """
    admit(interaction)
    settings = settings_here(interaction)
    wanted = [fitted(interaction, one) for one in asks]
    message_id, private = await (_take_over(interaction) if here else _think(interaction, private=private))
    fail_point(FailPoint.ACKNOWLEDGED)
    if not (private or here):
        interaction.extras[THINKS_IN_PUBLIC] = True
    if interaction.channel_id is None:
        raise UserError("Discord did not say where this came from: please try it in a channel.")
    return [
        Request(
            interaction_id=interaction.id,
            application_id=interaction.application_id,
            token=interaction.token,
            token_expires_at=interaction.expires_at,
            person_id=interaction.user.id,
            guild_id=interaction.guild_id,
            channel_id=interaction.channel_id,
            message_id=message_id,
            filesize_limit=interaction.filesize_limit,
            restricted=restricted(interaction),
            locale=settings.language or interaction.locale.value,
            note=note,
            private=private,
            spoiler=ask.spoiler,
            recipe=ask.recipe.to_json(),
            source_url=ask.source_url,
            source_hash=ask.source_hash,
            guide_url=ask.guide_url,
            guide_hash=ask.guide_hash,
            mask_url=ask.mask_url,
            mask_hash=ask.mask_hash,
            parent_id=ask.parent_id,
            weight=weight(interaction),
            preset=ask.preset,
            borrowed=ask.borrowed,
            film=None if ask.film is None else ask.film.to_json(),
        )
        for ask, note in wanted
    ]


async def _take_over(interaction: discord.Interaction[Any]) -> tuple[int, bool]:
    """Acknowledge without a word; return the pressed message's id, and whether only the person sees it."""
    if interaction.message is None:
        raise UserError("Discord did not say where this came from: please try it in a channel.")
    await interaction.response.defer()
    return interaction.message.id, interaction.message.flags.ephemeral


async def _think(interaction: discord.Interaction[Any], *, private: bool) -> tuple[int, bool]:
    """Acknowledge; return the reply's id, by which its buttons are checked, and whether only the person sees it.

    Where Discord does not let a person use applications of their own in public, it makes the reply private whatever we
    ask for. Such a message cannot be edited by the bot's own right: for it, it is not there.
    """
    acknowledged = await interaction.response.defer(thinking=True, ephemeral=private)
    if acknowledged is not None and acknowledged.message_id is not None:
        return acknowledged.message_id, private or acknowledged.is_ephemeral()
    reply = await interaction.original_response()
    return reply.id, private or reply.flags.ephemeral
