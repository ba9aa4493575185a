"""The buttons of a job's message. Each carries its job's id and works after a restart of the bot."""

from __future__ import annotations

import contextlib
import re
from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar, Self

import discord

from bot import recipes
from bot.drafts import Ask, Draft
from bot.errors import KEPT_NO_MORE, UserError
from bot.job import OUTCOMES, Job
from bot.language import Language, language_of
from bot.views import asking, logbook, wording
from bot.views.beginning import begin, plain
from bot.views.host import host_of
from bot.views.lasting import Lasting
from bot.views.pictures import shown_in
from engine.sentences import mark

Interaction = discord.Interaction[Any]


# Their classes lay out whole messages, which hold the buttons of this module: they live in bot.views.show, post_it,
# original, zoom_film and gallery.
SHOW, POST, ORIGINAL, ZOOM, ADD, STAR = "show", "post", "original", "zoom", "add", "star"
VOTE_EMOJI = "⭐"


def template(act: str) -> str:
    return rf"oneiros:{act}:(?P<job>[0-9]{{1,18}})"


class JobButton(Lasting[discord.ui.Button[discord.ui.LayoutView]], template=r"(?!)"):
    """A button about one job."""

    act: ClassVar[str]
    label: ClassVar[str]
    emoji: ClassVar[str | None] = None
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary
    gone: ClassVar[str] = wording.NO_SUCH_JOB  # what is said where the job's row is not kept any more

    def __init__(self, job_id: int, say: Language | None = None) -> None:
        """Make the button to be shown in a language; to be pressed, it needs none."""
        self.job_id = job_id
        label = self.label if say is None else say(self.label)
        super().__init__(
            discord.ui.Button(label=label, emoji=self.emoji, style=self.style, custom_id=f"oneiros:{self.act}:{job_id}")
        )

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(int(match["job"]))

    async def pressed(self, interaction: Interaction) -> None:
        job = await host_of(interaction).jobs.get(self.job_id)
        if job is None:
            await self.press_alone(interaction)
            return
        if not self.belongs(interaction, job):
            raise UserError(wording.NO_SUCH_JOB)
        await self.press(interaction, job)

    def belongs(self, interaction: Interaction, job: Job) -> bool:
        """Tell whether this button may speak of ``job``: a custom_id can be forged, its message cannot."""
        return is_of(interaction, job)

    @abstractmethod
    async def press(self, interaction: Interaction, job: Job) -> None:
        """Act on the press of this button by ``interaction.user``."""

    async def press_alone(self, interaction: Interaction) -> None:  # noqa: ARG002 - others find all in the message
        """Act by what the message alone shows: nothing else is kept of its dream. Raises UserError."""
        raise UserError(self.gone)


def is_of(interaction: Interaction, job: Job) -> bool:
    """Tell whether the message that was pressed is about ``job``: its own, or one that only its dreamer sees.

    There a custom_id can be forged too, but only by the dreamer.
    """
    message = interaction.message
    if message is None:
        return False
    return job.message_id == message.id or (message.flags.ephemeral and interaction.user.id == job.person_id)


def may_manage(interaction: Interaction, job: Job) -> bool:
    return interaction.user.id == job.person_id or interaction.permissions.manage_messages


async def _dream_anew(interaction: Interaction, job: Job, source_hash: str | None, times: int = 1) -> None:
    """Start jobs of who presses, in name and quota: the same recipe on ``source_hash``, with other seeds."""
    if source_hash is None:
        raise UserError(KEPT_NO_MORE if job.state in OUTCOMES else wording.NOT_DREAMED_YET)
    ask = Ask.again(job, source_hash)
    seeds = [recipes.fresh_seed() for _ in range(times)]
    asks = [replace(ask, recipe=ask.recipe.model_copy(update={"seed": seed})) for seed in seeds]
    private = asking.stays_private(interaction, job)
    await host_of(interaction).jobs.accept(*await asking.accept(interaction, asks, private=private))


async def _dream_on_shown(interaction: Interaction, job: Job | None = None) -> None:
    """Dream on the one picture that the pressed message shows, as the bot dreams where nobody says how.

    ``job`` is its row, where that is kept. Raises UserError where the message shows none, or several.
    """
    shown = [] if interaction.message is None else shown_in(interaction.message)
    if len(shown) != 1:
        raise UserError(wording.NO_SUCH_JOB if job is None else KEPT_NO_MORE)
    parent_id = None if job is None else job.id
    ask = plain(interaction, source_url=shown[0].url, spoiler=shown[0].spoiler, parent_id=parent_id)
    ask = replace(ask, borrowed=job is None)  # whose it was is not known any more
    await begin(interaction, [Draft(ask, private=asking.stays_private(interaction, job), open=True)])


class Deeper(JobButton, template=template("deeper")):
    """Dream once more, on the dream; on the message's own picture where that is all that is left of it."""

    act, label, emoji, style = "deeper", mark("Deeper"), "🌀", discord.ButtonStyle.primary

    async def press(self, interaction: Interaction, job: Job) -> None:
        if job.film is not None:
            raise UserError(wording.NOT_DEEPER)
        if job.state in OUTCOMES and job.result_hash is None:
            await _dream_on_shown(interaction, job)
        else:
            await _dream_anew(interaction, job, job.result_hash)

    async def press_alone(self, interaction: Interaction) -> None:
        await _dream_on_shown(interaction)


class Again(JobButton, template=template("again")):
    """Dream the same photo anew, with another seed."""

    act, label, emoji = "again", mark("Again"), "🎲"
    gone = wording.PHOTO_GONE

    async def press(self, interaction: Interaction, job: Job) -> None:
        await _dream_anew(interaction, job, job.source_hash)


class Vary(JobButton, template=template("vary")):
    """Dream the same photo four times anew, to pick from."""

    act, label, emoji = "vary", mark("Vary ×4"), "🎨"
    gone = wording.PHOTO_GONE

    async def press(self, interaction: Interaction, job: Job) -> None:
        await _dream_anew(interaction, job, job.source_hash, times=4)


class Delete(JobButton, template=template("delete")):
    """Remove the dream, its message and its pictures."""

    act, label, emoji, style = "delete", mark("Delete"), "🗑️", discord.ButtonStyle.danger

    async def press(self, interaction: Interaction, job: Job) -> None:
        if not may_manage(interaction, job):
            raise UserError(wording.NOT_YOURS_TO_DELETE)
        await interaction.response.defer()
        with contextlib.suppress(discord.NotFound):  # a second press, or a moderator, was faster
            await interaction.delete_original_response()
        in_gallery = await host_of(interaction).jobs.remove(job)
        if in_gallery and interaction.user.id == job.person_id:
            words = language_of(interaction.locale.value)(wording.STAYS_IN_GALLERY)
            await interaction.followup.send(words, ephemeral=True, allowed_mentions=discord.AllowedMentions.none())
        await logbook.moderated(interaction, job, logbook.DELETED)

    async def press_alone(self, interaction: Interaction) -> None:
        """Remove the message, of which there is nothing else: Discord says who asked for it."""
        asked = None if interaction.message is None else interaction.message.interaction_metadata
        theirs = asked is not None and asked.user.id == interaction.user.id
        if not (theirs or interaction.permissions.manage_messages):
            raise UserError(wording.NOT_YOURS_TO_DELETE)
        await interaction.response.defer()
        with contextlib.suppress(discord.NotFound):
            await interaction.delete_original_response()


class Cancel(JobButton, template=template("cancel")):
    """End the dreams of a message that wait or run."""

    act, label, emoji = "cancel", mark("Cancel"), "✖️"

    async def press(self, interaction: Interaction, job: Job) -> None:
        if not may_manage(interaction, job):
            raise UserError(wording.NOT_YOURS_TO_CANCEL)
        await interaction.response.defer()
        if not await host_of(interaction).jobs.cancel_together(job):
            raise UserError(wording.OVER_ALREADY)
        await logbook.moderated(interaction, job, logbook.CANCELLED)


BUTTONS: tuple[type[JobButton], ...] = (Deeper, Again, Vary, Delete, Cancel)


def show_button(job_id: int, say: Language) -> discord.ui.Button[discord.ui.LayoutView]:
    """Return the button that says where a dream stands, or shows what could not be shown."""
    return discord.ui.Button(label=say("Show"), emoji="👁️", custom_id=f"oneiros:{SHOW}:{job_id}")


def post_button(job_id: int, say: Language) -> discord.ui.Button[discord.ui.LayoutView]:
    """Return the button that posts what only its dreamer sees."""
    return discord.ui.Button(label=say("Post it"), emoji="📣", custom_id=f"oneiros:{POST}:{job_id}")


def original_button(job_id: int, say: Language) -> discord.ui.Button[discord.ui.LayoutView]:
    """Return the button that shows before and after."""
    return discord.ui.Button(label=say("Original"), emoji="🖼️", custom_id=f"oneiros:{ORIGINAL}:{job_id}")


def zoom_button(job_id: int, say: Language) -> discord.ui.Button[discord.ui.LayoutView]:
    """Return the button that makes a film of a dream."""
    return discord.ui.Button(label=say("Zoom film"), emoji="🎞️", custom_id=f"oneiros:{ZOOM}:{job_id}")


def add_button(job_id: int, say: Language) -> discord.ui.Button[discord.ui.LayoutView]:
    """Return the button that adds a dream to the server's gallery."""
    return discord.ui.Button(label=say("Add to gallery"), emoji="🏛️", custom_id=f"oneiros:{ADD}:{job_id}")


def star_button(job_id: int, votes: int) -> discord.ui.Button[discord.ui.LayoutView]:
    """Return the button by which members vote a dream into the gallery, with their votes so far."""
    return discord.ui.Button(label=str(votes), emoji=VOTE_EMOJI, custom_id=f"oneiros:{STAR}:{job_id}")
