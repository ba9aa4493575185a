"""A moving picture was sent: is its first frame to be dreamed, or all of it? Whoever sent it says so in one press."""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar, Self

import discord

from bot.drafts import KEY, Draft, Kept
from bot.errors import UserError
from bot.film import FilmAsk
from bot.language import Language, language_of
from bot.views.admission import admit, most_film_s
from bot.views.beginning import begin
from bot.views.card import DREAMING, Card
from bot.views.host import host_of
from bot.views.lasting import Lasting
from engine.films.settings import VideoFilm
from engine.sentences import mark

Interaction = discord.Interaction[Any]

QUESTION = mark(
    "**Your picture moves.** Shall I dream on its first frame, or all of it as a film? A film takes many times as long."
)
BEGUN_ALREADY = mark("This is being dreamed already.")


async def begin_or_ask(interaction: Interaction, draft: Draft) -> None:
    """Begin a dream; of a picture that moves it is asked first how, where films are made. Raises UserError."""
    if not draft.ask.moving or draft.ask.film is not None or most_film_s(interaction) <= 0:
        await begin(interaction, [draft])
        return
    admit(interaction)
    draft.finished()  # what is impossible is said before anything is asked
    say = language_of(interaction.locale.value)
    key = host_of(interaction).drafts.keep(Kept(interaction.user.id, draft, {}))
    view = Card(
        discord.ui.TextDisplay(say(QUESTION)),
        discord.ui.ActionRow(FirstFrame(key, say), WholeFilm(key, say)),
        colour=DREAMING,
    )
    await interaction.response.send_message(view=view, ephemeral=draft.private)


def video_ask(interaction: Interaction) -> FilmAsk:
    """Ask for a film of a moving picture as the bot makes them where nobody says how."""
    return FilmAsk(video=VideoFilm(size=host_of(interaction).settings.film_size, seconds=most_film_s(interaction)))


class _Choice(Lasting[discord.ui.Button[discord.ui.LayoutView]], template=r"(?!)"):
    act: ClassVar[str]
    label: ClassVar[str]
    emoji: ClassVar[str]

    def __init__(self, key: str, say: Language | None = None) -> None:
        self._key = key
        label = self.label if say is None else say(self.label)
        super().__init__(discord.ui.Button(label=label, emoji=self.emoji, custom_id=f"oneiros:{self.act}:{key}"))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match["key"])

    @abstractmethod
    def chosen(self, interaction: Interaction, draft: Draft) -> Draft:
        """Return the draft as it was chosen."""

    async def pressed(self, interaction: Interaction) -> None:
        host = host_of(interaction)
        draft = host.drafts.get(self._key, interaction.user.id).draft
        with host.claims.on(("moving", self._key)) as is_first:
            if not is_first:
                raise UserError(BEGUN_ALREADY)
            (job,) = await begin(interaction, [self.chosen(interaction, draft)], here=True)
            host.drafts.forget(self._key)
        host.jobs.show(job)


class FirstFrame(_Choice, template=rf"oneiros:first-frame:(?P<key>{KEY})"):
    """Dream on the first frame."""

    act, label, emoji = "first-frame", mark("First frame"), "🖼️"

    def chosen(self, interaction: Interaction, draft: Draft) -> Draft:  # noqa: ARG002 - a film needs it
        return draft


class WholeFilm(_Choice, template=rf"oneiros:whole-film:(?P<key>{KEY})"):
    """Dream all of it."""

    act, label, emoji = "whole-film", mark("Whole film"), "🎞️"

    def chosen(self, interaction: Interaction, draft: Draft) -> Draft:
        return replace(draft, ask=replace(draft.ask, film=video_ask(interaction)))


MOVING: tuple[type[_Choice], ...] = (FirstFrame, WholeFilm)
