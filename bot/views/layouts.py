"""The one message of a job, or of several asked for together, as Components V2: where they stand, how they ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.errors import KEPT_NO_MORE
from bot.film import FilmAsk
from bot.job import Job, State
from bot.jobs.messenger import Standing
from bot.language import Language
from bot.views import wording
from bot.views.alt_text import alt_text
from bot.views.buttons import (
    Again,
    Cancel,
    Deeper,
    Delete,
    Vary,
    add_button,
    original_button,
    post_button,
    show_button,
    star_button,
    zoom_button,
)
from bot.views.card import DREAMED, DREAMING, ENDED, Card
from bot.views.edit import Edit
from bot.views.presets.save import SavePreset
from bot.views.uploads import Upload
from engine.recipe import Recipe

NOBODY = discord.AllowedMentions.none()  # edits of a webhook, or without content, leave out what the client says

PICK, ALL = "pick", "all"


@dataclass(frozen=True)
class Museum:
    """What of the server's gallery is offered under a dream: to add it, and where ``votes`` is given, to vote."""

    votes: int | None = None  # so far


def standing(
    say: Language,
    standings: Sequence[Standing],
    previews: Mapping[int, Upload],
    trailers: Mapping[int, Upload] | None = None,
    *,
    buttons: bool = True,
) -> Card:
    """Lay out jobs of which some have no outcome yet; ``previews`` and ``trailers`` of films are attached, by job."""
    first = standings[0]
    words = wording.standing(say, first) if len(standings) == 1 else wording.standings(say, standings)
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(words)]
    jobs = [now.job for now in standings]
    shown = [
        *_media(jobs, trailers or {}, lambda _: say("The first seconds of the film, small.")),
        *_media(jobs, previews, lambda _: say("A preview of the dream so far.")),
    ]
    if shown:
        items.append(discord.ui.MediaGallery(*shown))
    if buttons:
        items.append(discord.ui.ActionRow(Cancel(first.job.id, say), show_button(first.job.id, say)))
    return Card(*items, colour=DREAMING)


def outcome(
    say: Language,
    jobs: Sequence[Job],
    uploads: Mapping[int, Upload],
    *,
    picked: Job | None = None,
    buttons: bool = True,
    museum: Museum | None = None,
    films: bool = True,
) -> Card:
    """Lay out how the jobs of a message ended; ``uploads`` are the attached results that can be shown, by job.

    Of several dreams one may be ``picked``: then it is shown alone, and what it is dreamed on with. ``museum``: where
    the server has a gallery that takes dreams; ``films``: whether films are made there.
    """
    dreamed = [job for job in jobs if job.state is State.DREAMED and job.result_hash is not None]
    if not dreamed:
        return _nothing(say, jobs, buttons=buttons)
    only = picked or (dreamed[0] if len(dreamed) == 1 else None)
    items = _pictures(say, dreamed if only is None else [only], uploads)
    failures = wording.failures(say, jobs) if len(jobs) > 1 and picked is None else ""
    if failures:
        items.append(discord.ui.TextDisplay(failures))
    if len(dreamed) > 1 and buttons:
        items.append(discord.ui.ActionRow(pick_menu(say, jobs[0], dreamed, picked)))
    if buttons:
        items += _rows(say, jobs[0] if only is None else only, museum, alone=only is not None, films=films)
    return Card(*items, colour=DREAMED)


def _rows(say: Language, job: Job, museum: Museum | None, *, alone: bool, films: bool) -> list[discord.ui.Item[Any]]:
    """Return what can be done with a dream, or with several together: then ``job`` is the first."""
    rows: list[discord.ui.Item[Any]] = []
    of_it: list[Any] = [post_button(job.id, say)] if job.private else []
    if job.film is not None:
        return [discord.ui.ActionRow(Again(job.id, say), SavePreset(job.id, say), *of_it, Delete(job.id, say))]
    if alone and films:
        of_it.insert(0, zoom_button(job.id, say))
    if alone:
        rows.append(discord.ui.ActionRow(*(button(job.id, say) for button in (Deeper, Again, Vary, Edit, SavePreset))))
        of_it.insert(0, original_button(job.id, say))
    if alone and museum is not None:
        of_it.append(add_button(job.id, say))
        if museum.votes is not None and not job.private:
            of_it.append(star_button(job.id, museum.votes))
    return [*rows, discord.ui.ActionRow(*of_it, Delete(job.id, say))]


def _nothing(say: Language, jobs: Sequence[Job], *, buttons: bool) -> Card:
    if all(job.state is State.CANCELLED for job in jobs):
        return Card(discord.ui.TextDisplay(say(wording.CANCELLED)), colour=ENDED)
    why = say.read(jobs[0].failure or KEPT_NO_MORE) if len(jobs) == 1 else f"\n{wording.failures(say, jobs)}"
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(say(wording.FAILED, sentence=why))]
    if buttons:
        items.append(discord.ui.ActionRow(Delete(jobs[0].id, say)))
    return Card(*items, colour=ENDED)


def _pictures(say: Language, dreamed: Sequence[Job], uploads: Mapping[int, Upload]) -> list[discord.ui.Item[Any]]:
    """Return the pictures, whose they are, and the recipe in words."""
    shown = [job for job in dreamed if job.id in uploads]
    if not shown:
        return [discord.ui.TextDisplay(say(wording.UNSHOWN))]
    recipe = wording.recipe(say, Recipe.from_json(shown[0].recipe), seed=len(shown) == 1)
    notes = list(dict.fromkeys(say.read(job.note) for job in shown if job.note))
    film = [] if shown[0].film is None else [wording.film(say, FilmAsk.from_json(shown[0].film))]
    return [
        discord.ui.TextDisplay(wording.headline(say, *shown)),
        discord.ui.MediaGallery(*_media(shown, uploads, lambda job: alt_text(say, Recipe.from_json(job.recipe)))),
        discord.ui.TextDisplay(wording.shortened("\n".join(f"-# {line}" for line in (*film, recipe, *notes)))),
    ]


def _media(
    jobs: Sequence[Job], uploads: Mapping[int, Upload], describe: Callable[[Job], str]
) -> list[discord.MediaGalleryItem]:
    return [
        discord.MediaGalleryItem(f"attachment://{uploads[job.id].name}", description=describe(job), spoiler=job.spoiler)
        for job in jobs
        if job.id in uploads
    ]


def pick_menu(
    say: Language, first: Job, dreamed: Sequence[Job], picked: Job | None
) -> discord.ui.Select[discord.ui.LayoutView]:
    """Return the menu that shows one of several dreams alone, or all of them again; ``first`` is their message's."""
    options = [
        discord.SelectOption(
            label=wording.choice_of_several(say, job),
            description=say("seed {seed}", seed=Recipe.from_json(job.recipe).seed),
            value=str(job.id),
            default=job == picked,
        )
        for job in dreamed
    ]
    if picked is not None:
        options.append(discord.SelectOption(label=say("All of them"), value=ALL))
    return discord.ui.Select(
        custom_id=f"oneiros:{PICK}:{first.id}", placeholder=say("Pick one to go on with…"), options=options
    )


def is_about(message: discord.Message, jobs: Sequence[Job]) -> bool:
    """Tell whether ``message`` carries a button of one of these jobs."""
    numbers = {str(job.id) for job in jobs}
    return any(
        _job_in(getattr(one, "custom_id", None) or "") in numbers
        for part in message.components
        for one in _within(part)
    )


def _job_in(custom_id: str) -> str:
    """Return the job that a button is about, nothing for one that is about something else: an entry, a preset."""
    parts = custom_id.split(":")
    return parts[2] if len(parts) == 3 and parts[0] == "oneiros" else ""


def _within(component: discord.Component) -> Iterator[Any]:
    yield component
    for one in getattr(component, "children", ()):
        yield from _within(one)
