"""The one message of a job, as Components V2: first where it stands, then how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord

from bot.errors import KEPT_NO_MORE
from bot.job import Job, State
from bot.jobs.messenger import Standing
from bot.language import Language
from bot.views import wording
from bot.views.buttons import Again, Cancel, Deeper, Delete, Original, extension, show_button
from bot.views.edit import Edit
from bot.views.preset_save import SavePreset
from bot.workarounds import forget_when_sent
from engine.recipe import Recipe

NOBODY = discord.AllowedMentions.none()  # edits of a webhook, or without content, leave out what the client says

DREAMING = discord.Colour(0x6B4FBB)
DREAMED = discord.Colour(0x2FA88A)
ENDED = discord.Colour(0x8A8F98)


class JobLayout(discord.ui.LayoutView):
    """A message about one job: never stored by the library, since its buttons find their job by custom_id."""

    def __init__(self, *items: discord.ui.Item[Any], colour: discord.Colour) -> None:
        super().__init__(timeout=None)
        self.add_item(discord.ui.Container(*items, accent_colour=colour))
        forget_when_sent(self)


def preview_name(now: Standing) -> str | None:
    """Return the file name of a standing's preview: each octave's is a file of its own."""
    return f"preview-{now.octave}.jpg" if now.preview is not None else None


def dream_name(job: Job, media_type: str) -> str:
    """Return the file name of a job's result."""
    return f"dream-{job.id}{extension(media_type)}"


def _picture(name: str, description: str) -> discord.ui.MediaGallery[JobLayout]:
    return discord.ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{name}", description=description))


def standing(say: Language, now: Standing, preview_name: str | None, *, buttons: bool = True) -> JobLayout:
    """Lay out a job that has no outcome yet; ``preview_name`` is the attached preview's file name."""
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(wording.standing(say, now))]
    if preview_name is not None:
        items.append(_picture(preview_name, say("A preview of the dream so far.")))
    if buttons:
        items.append(discord.ui.ActionRow(Cancel(now.job.id, say), show_button(now.job.id, say)))
    return JobLayout(*items, colour=DREAMING)


def outcome(say: Language, job: Job, picture_name: str | None) -> JobLayout:
    """Lay out how a job ended; ``picture_name`` is the attached result's file name, None where it cannot be shown."""
    if job.state is State.DREAMED and job.result_hash is not None:
        return JobLayout(
            *(
                _dream(say, job, picture_name)
                if picture_name is not None
                else [discord.ui.TextDisplay(say(wording.UNSHOWN))]
            ),
            discord.ui.ActionRow(*(button(job.id, say) for button in (Deeper, Again, Edit, SavePreset))),
            discord.ui.ActionRow(*(button(job.id, say) for button in (Original, Delete))),
            colour=DREAMED,
        )
    if job.state is State.CANCELLED:
        return JobLayout(discord.ui.TextDisplay(say(wording.CANCELLED)), colour=ENDED)
    return JobLayout(
        discord.ui.TextDisplay(say(wording.FAILED, sentence=say.read(job.failure or KEPT_NO_MORE))),
        discord.ui.ActionRow(Delete(job.id, say)),
        colour=ENDED,
    )


def is_about(message: discord.Message, job_id: int) -> bool:
    """Tell whether ``message`` carries a button of that job."""
    return any(
        (getattr(one, "custom_id", None) or "").startswith("oneiros:") and one.custom_id.endswith(f":{job_id}")
        for part in message.components
        for one in _within(part)
    )


def _within(component: discord.Component) -> Iterator[Any]:
    yield component
    for one in getattr(component, "children", ()):
        yield from _within(one)


def _dream(say: Language, job: Job, picture_name: str) -> list[discord.ui.Item[Any]]:
    recipe = Recipe.from_json(job.recipe)
    note = f"\n-# {say.read(job.note)}" if job.note else ""
    return [
        discord.ui.TextDisplay(wording.headline(say, job)),
        _picture(picture_name, wording.alt_text(say, recipe)),
        discord.ui.TextDisplay(f"-# {wording.recipe(say, recipe)}{note}"),
    ]
