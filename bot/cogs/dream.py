"""/dream and *Dream this*: a picture in, a dreamed picture back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import recipes
from bot.drafts import Ask, Draft
from bot.job import Job
from bot.jobs.messenger import Standing
from bot.language import language_of
from bot.settings import Settings
from bot.views import layouts, suggestions
from bot.views.admission import admit
from bot.views.beginning import begin, plain
from bot.views.drafting import LOOKS, ORIGINS, Reference, Seed, Words, attached, drafted
from bot.views.host import host_of
from bot.views.layouts import NOBODY
from bot.views.moods import in_english
from bot.views.moving import begin_or_ask, video_ask
from bot.views.pictures import MIB, pictures_in
from bot.workarounds import take_at_most, take_pictures_only
from engine.sentences import mark

Interaction = discord.Interaction[Any]

MOST_PICTURES = 10  # of one message: as many as the one that shows their dreams can hold

LEFT_OUT = mark("I took the first {taken} of the {count} pictures: no more of your dreams may wait at once.")

PLACES = [
    app_commands.Choice(name="everywhere", value="everywhere"),
    app_commands.Choice(name="the subject only", value="subject"),
    app_commands.Choice(name="the background only", value="background"),
    app_commands.Choice(name="where the mask is white", value="mask"),
]

Likeness = app_commands.Range[float, recipes.bounds("likeness")[0], recipes.bounds("likeness")[1]]
Octaves = app_commands.Range[int, int(recipes.bounds("octaves")[0]), int(recipes.bounds("octaves")[1])]
Size = app_commands.Range[int, int(recipes.bounds("size")[0]), int(recipes.bounds("size")[1])]


class DreamCog(commands.Cog):
    """The command that everything is for."""

    def __init__(self, settings: Settings) -> None:
        take_pictures_only(self.dream, "image")
        take_at_most(self.dream, "size", settings.most_size)

    @app_commands.command(name="dream", description="Send a picture, get it back dreamed")
    @app_commands.describe(
        image="The picture to dream on; without one you are asked for it",
        of="What to dream of: dogs, eyes, temples, peacock, or a sum such as dogs + eyes",
        look="How: wild, or with the photo left whole",
        preset="A recipe with a name: what you choose beside it goes before it",
        guide="A second picture, whose features are dreamed into the first",
        network="Who dreams",
        likeness="How much of the photo stays: 0 all may go, 1 nothing changes",
        octaves="How many sizes are dreamed, the smallest first",
        size="The longest side of the dream, in pixels",
        keep_colors="Change the light only: the photo's colours stay",
        where="Where to dream",
        mask="A picture that is white where to dream",
        seed="The start of its random numbers: the same one dreams the same again",
        private="Only you see it",
        origin="A picture that you need not send",
        film="Of an animation or a short video: dream all of it (True), or its first frame (False)",
    )
    @app_commands.rename(origin="from")
    @app_commands.choices(look=LOOKS, where=PLACES, origin=ORIGINS)
    @app_commands.autocomplete(of=suggestions.things, preset=suggestions.presets, network=suggestions.networks)
    async def dream(
        self,
        interaction: Interaction,
        *,
        image: discord.Attachment | None = None,
        of: Words | None = None,
        look: str | None = None,
        preset: Reference | None = None,
        guide: discord.Attachment | None = None,
        network: str | None = None,
        likeness: Likeness | None = None,
        octaves: Octaves | None = None,
        size: Size | None = None,
        keep_colors: bool | None = None,
        where: str | None = None,
        mask: discord.Attachment | None = None,
        seed: Seed | None = None,
        private: bool = False,
        origin: str | None = None,
        film: bool | None = None,
    ) -> None:
        """Dream on a picture, or ask for one."""
        admit(interaction)  # before anybody fills in a form
        pictures = attached(interaction, image=image, guide=guide, mask=mask)
        said = {
            "of": of and in_english(language_of(interaction.locale.value), of),
            "look": look,
            "network": network,
            "likeness": likeness,
            "octaves": octaves,
            "size": size,
            "keep_colors": keep_colors,
            "where": where,
            "seed": seed,
        }
        ask = _as_said(interaction, plain(interaction, **pictures), film)
        draft = await drafted(interaction, ask, said, preset=preset, origin=origin, private=private)
        if draft is not None:
            await begin_or_ask(interaction, draft)


def _as_said(interaction: Interaction, ask: Ask, film: bool | None) -> Ask:
    """Return ``ask`` as somebody wants what moves; None: they have not said."""
    return ask if film is None else replace(ask, moving=False, film=video_ask(interaction) if film else None)


@app_commands.context_menu(name="Dream this")
async def dream_this(interaction: Interaction, message: discord.Message) -> None:
    """Dream on the pictures of a message."""
    pictures = pictures_in(message, host_of(interaction).settings.max_upload_mib * MIB)
    borrowed = message.author.id != interaction.user.id
    drafts = [
        Draft(plain(interaction, source_url=picture.url, spoiler=picture.spoiler, borrowed=borrowed), open=True)
        for picture in pictures[:MOST_PICTURES]
    ]
    if len(pictures) == 1:
        (draft,) = drafts
        await begin_or_ask(interaction, replace(draft, ask=replace(draft.ask, moving=pictures[0].moving)))
        return
    jobs = await begin(interaction, drafts)
    if len(jobs) < len(pictures):
        await _tell_left_out(interaction, jobs, len(pictures))


async def _tell_left_out(interaction: Interaction, jobs: Sequence[Job], count: int) -> None:
    """Tell the person that some of ``count`` pictures are not dreamed on."""
    say = language_of(interaction.locale.value)
    # The first follow-up would fill the reply that still thinks, as public as it is.
    await interaction.edit_original_response(view=layouts.standing(say, [Standing(job) for job in jobs], {}))
    words = say(LEFT_OUT, taken=len(jobs), count=count)
    await interaction.followup.send(words, ephemeral=True, allowed_mentions=NOBODY)
