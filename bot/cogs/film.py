"""/zoom: a picture in, a film back that goes ever deeper into its dream."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import UserError
from bot.film import NO_FILMS, FilmAsk
from bot.language import language_of
from bot.settings import Settings
from bot.views import suggestions
from bot.views.admission import admit, most_film_s
from bot.views.beginning import begin, plain
from bot.views.drafting import LOOKS, ORIGINS, Reference, Seed, Words, attached, drafted
from bot.views.moods import in_english
from bot.views.zoom_film import zoom_asked
from bot.workarounds import take_at_most, take_pictures_only
from engine.films.settings import MOST_SECONDS

Interaction = discord.Interaction[Any]

OPENINGS = [
    app_commands.Choice(name="the dream of the picture", value="dream"),
    app_commands.Choice(name="the picture as it is", value="photo"),
]
KINDS = [
    app_commands.Choice(name="MP4: sharp, and small", value="mp4"),
    app_commands.Choice(name="GIF: goes round by itself", value="gif"),
    app_commands.Choice(name="WebP: goes round by itself, in all colours", value="webp"),
]
Seconds = app_commands.Range[float, 1.0, MOST_SECONDS]
Speed = app_commands.Range[float, 1.0, 4.0]
Turn = app_commands.Range[float, -180.0, 180.0]


class FilmCog(commands.Cog):
    """The command of films."""

    def __init__(self, settings: Settings) -> None:
        take_pictures_only(self.zoom)
        take_at_most(self.zoom, "seconds", settings.max_film_seconds)

    @app_commands.command(name="zoom", description="Send a picture, get a film that goes ever deeper into its dream")
    @app_commands.describe(
        image="The picture to go into; without one you are asked for it",
        of="What to dream of: dogs, eyes, temples, peacock, or a sum such as dogs + eyes",
        look="How: wild, or with the photo left whole",
        preset="A recipe with a name: what you choose beside it goes before it",
        network="Who dreams",
        seconds="How long the film is, in seconds",
        speed="How many times larger things grow in a second",
        turn="How many degrees it turns in a second, to the right",
        loop="Whether it ends where it begins, and goes on without a jump",
        opening="What it begins with",
        kind="What kind of file",
        seed="The start of its random numbers: the same one dreams the same again",
        private="Only you see it",
        origin="A picture that you need not send",
    )
    @app_commands.rename(origin="from", kind="as", opening="begin")
    @app_commands.choices(look=LOOKS, opening=OPENINGS, kind=KINDS, origin=ORIGINS)
    @app_commands.autocomplete(of=suggestions.things, preset=suggestions.presets, network=suggestions.networks)
    async def zoom(
        self,
        interaction: Interaction,
        *,
        image: discord.Attachment | None = None,
        of: Words | None = None,
        look: str | None = None,
        preset: Reference | None = None,
        network: str | None = None,
        seconds: Seconds | None = None,
        speed: Speed | None = None,
        turn: Turn | None = None,
        loop: bool | None = None,
        opening: str | None = None,
        kind: str = "mp4",
        seed: Seed | None = None,
        private: bool = False,
        origin: str | None = None,
    ) -> None:
        """Make a zoom film of a picture, or ask for one."""
        admit(interaction)
        if most_film_s(interaction) <= 0:
            raise UserError(NO_FILMS)
        asked = {"seconds": seconds, "speed": speed, "turn": turn, "loop": loop, "opening": opening}
        film = zoom_asked(interaction, {name: value for name, value in asked.items() if value is not None})
        said = {
            "of": of and in_english(language_of(interaction.locale.value), of),
            "look": look,
            "network": network,
            "seed": seed,
        }
        pictures = attached(interaction, image=image)
        ask = replace(plain(interaction, **pictures), film=FilmAsk.model_validate({"zoom": film, "kind": kind}))
        draft = await drafted(interaction, ask, said, preset=preset, origin=origin, private=private)
        if draft is not None:
            await begin(interaction, [draft])
