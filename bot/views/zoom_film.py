"""*Zoom film*: a film that goes ever deeper into a dream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import discord

from bot.drafts import Ask, Draft
from bot.errors import KEPT_NO_MORE, UserError
from bot.film import NO_FILMS, FilmAsk
from bot.job import Job
from bot.views import asking, wording
from bot.views.admission import admit, most_film_s
from bot.views.beginning import begin
from bot.views.buttons import ZOOM, JobButton, template
from bot.views.host import host_of
from engine.films.settings import ZoomFilm
from engine.sentences import mark

Interaction = discord.Interaction[Any]


class ZoomInto(JobButton, template=template(ZOOM)):
    """Make a film of a dream, with what it was dreamed of."""

    act, label, emoji = ZOOM, mark("Zoom film"), "🎞️"
    gone = wording.PHOTO_GONE

    async def press(self, interaction: Interaction, job: Job) -> None:
        admit(interaction)
        if most_film_s(interaction) <= 0:
            raise UserError(NO_FILMS)
        if job.result_hash is None or job.film is not None:
            raise UserError(KEPT_NO_MORE)
        ask = Ask.again(job, job.result_hash)
        # Where to dream holds for the opening dream alone, and that is there already.
        recipe = ask.recipe.model_copy(update={"where": "everywhere", "mask": None})
        film = FilmAsk(zoom=zoom_asked(interaction, {"opening": "photo"}))
        ask = replace(ask, recipe=recipe, mask_hash=None, film=film)
        await begin(interaction, [Draft(ask, private=asking.stays_private(interaction, job))])


def zoom_asked(interaction: Interaction, said: Mapping[str, Any]) -> ZoomFilm:
    """Return a zoom as the bot makes them where nobody says how, changed by what was ``said``. Raises RecipeError."""
    usual = ZoomFilm(size=host_of(interaction).settings.film_size)
    seconds = min(usual.seconds, most_film_s(interaction))
    return ZoomFilm.checked(**{**usual.model_dump(), "seconds": seconds, **said})
