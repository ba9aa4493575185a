"""*Add to gallery*, and the stars by which members vote a dream into it: the buttons under a dream."""

from __future__ import annotations

from typing import Any

import discord

from bot.entry import Entry, EntryState
from bot.errors import UserError
from bot.gallery.service import AlreadyInGalleryError
from bot.job import Job
from bot.language import Language, language_of
from bot.views import wording
from bot.views.buttons import ADD, STAR, VOTE_EMOJI, JobButton, template
from bot.views.gallery import controls, edits, notices
from bot.views.gallery.forms import add_form, tell_already_in
from bot.views.gallery.visiting import visitor_of
from bot.views.host import host_of
from engine.sentences import mark

Interaction = discord.Interaction[Any]

VOTED_IN = mark("Members voted this into the gallery of this server.")
VOTED_FOR = mark("Members voted for this: it is in the gallery as soon as a moderator has approved it.")
ONLY_IF_AGREED = mark("It is on the web page only if {person} agrees.")
PICTURE_GONE = mark(
    "I keep this dream no longer, so that it cannot come into the gallery: dream another one with /dream."
)


class Add(JobButton, template=template(ADD)):
    """Ask how a dream is to stand in the gallery, by its dreamer."""

    act, label, emoji = ADD, mark("Add to gallery"), "🏛️"
    gone = PICTURE_GONE

    async def press(self, interaction: Interaction, job: Job) -> None:
        visitor = visitor_of(interaction)
        if job.guild_id != visitor.guild_id:
            raise UserError(wording.NO_SUCH_JOB)
        try:
            await host_of(interaction).gallery.check_may_add(visitor, job)
        except AlreadyInGalleryError as error:
            await tell_already_in(interaction, error)
            return
        unseen = job.private or (interaction.message is not None and interaction.message.flags.ephemeral)
        await interaction.response.send_modal(add_form(interaction, job, unseen=unseen))


class Star(JobButton, template=template(STAR)):
    """Vote for a dream on its own message, or take the vote back: the message says how many there are."""

    act, label, emoji = STAR, "0", VOTE_EMOJI
    gone = PICTURE_GONE

    async def press(self, interaction: Interaction, job: Job) -> None:
        visitor, gallery = visitor_of(interaction), host_of(interaction).gallery
        if job.guild_id != visitor.guild_id:
            raise UserError(wording.NO_SUCH_JOB)
        await interaction.response.defer()
        try:
            cast = await gallery.vote_for_dream(visitor, job)
        except AlreadyInGalleryError as error:
            await tell_already_in(interaction, error)
            return
        say, page = language_of(job.locale), gallery.has_page(visitor.guild_id) and not job.restricted

        def lay_out(view: discord.ui.LayoutView, entry: Entry) -> None:
            edits.with_label(view, self.custom_id, str(entry.votes))
            if entry.state in {EntryState.SHOWN, EntryState.PENDING}:
                edits.with_line(view, _line(say, entry, page=page), _buttons(say, entry, page=page))

        await edits.put_votes(interaction, cast.entry, lay_out)
        if cast.came_in:
            await notices.voted_in(interaction, cast.entry, waits=cast.entry.state is EntryState.PENDING)


def _line(say: Language, entry: Entry, *, page: bool) -> str:
    """Say in small print that a dream is in the gallery, and to its dreamer what is theirs to decide."""
    words = [say(VOTED_IN if entry.state is EntryState.SHOWN else VOTED_FOR)]
    if page and not entry.on_web:
        words.append(say(ONLY_IF_AGREED, person=f"<@{entry.person_id}>"))
    return f"-# {' '.join(words)}"


def _buttons(say: Language, entry: Entry, *, page: bool) -> list[discord.ui.Button[Any]]:
    shown = [controls.open_button(say, entry)] if entry.state is EntryState.SHOWN else []
    return [*shown, controls.web_button(say, entry)] if page else shown


FROM_DREAMS = (Add, Star)
