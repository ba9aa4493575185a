"""Pictures as the files of a message: named, hidden where they are spoilers, each fitted to its share of the limit."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import discord

from bot.errors import UserError
from bot.film import MOST_BYTES
from bot.intake.decoder import Decoder
from bot.job import Job
from bot.jobs.messenger import Standing
from engine.sentences import mark

MAX_REQUEST_BYTES = MOST_BYTES  # a whole request stays within 25 MiB, even in boosted servers
HIDDEN = "SPOILER_"  # how Discord's clients know a file that is uncovered by a press
_BEGINNINGS = ((b"GIF8", ".gif"), (b"RIFF", ".webp"))  # of films that are no MP4

TOO_LARGE = mark("This film is larger than what may be uploaded here: *Again* makes it anew, in a size that fits.")
_EXTENSIONS = {"image/png": ".png", "image/webp": ".webp", "image/jpeg": ".jpg"}


@dataclass(frozen=True)
class Upload:
    """A file of a message."""

    name: str
    data: bytes


def extension(media_type: str) -> str:
    """Return the file extension that Discord's clients expect for a picture of ``media_type``."""
    return _EXTENSIONS[media_type]


def previews(standings: Sequence[Standing]) -> dict[int, Upload]:
    """Return the newest previews, by job: each octave's is a file of its own."""
    several = len(standings) > 1
    return {
        now.job.id: Upload(named(now.job, _preview_name(now, several=several)), now.preview)
        for now in standings
        if now.preview is not None
    }


def _preview_name(now: Standing, *, several: bool) -> str:
    if now.frames:
        return f"frame-{now.frame}.jpg"
    return f"preview-{now.job.place + 1}-{now.octave}.jpg" if several else f"preview-{now.octave}.jpg"


def trailers(standings: Sequence[Standing]) -> dict[int, Upload]:
    """Return the first seconds of films that are being made, by job."""
    return {
        now.job.id: Upload(named(now.job, f"trailer-{now.job.id}.mp4"), now.trailer)
        for now in standings
        if now.trailer is not None
    }


async def dreams(
    decoder: Decoder, jobs: Sequence[Job], pictures: Sequence[bytes | None], limit: int
) -> dict[int, Upload]:
    """Return results, by job, each of at most ``limit`` bytes, and all together what one request may have.

    Raises UserError where one cannot be encoded.
    """
    shown = [(job, picture) for job, picture in zip(jobs, pictures, strict=True) if picture is not None]
    made = {}
    for job, picture in shown:
        most = min(limit, MAX_REQUEST_BYTES // len(shown))
        if job.film is not None:
            made[job.id] = await _film(decoder, job, picture, most)
            continue
        encoded = await decoder.fit(picture, most)
        made[job.id] = Upload(named(job, f"dream-{job.id}{extension(encoded.media_type)}"), encoded.data)
    return made


async def _film(decoder: Decoder, job: Job, data: bytes, limit: int) -> Upload:
    """Return a film, which was made for the limit of where it was asked for. Raises UserError where it cannot fit."""
    extension = next((extension for begins, extension in _BEGINNINGS if data.startswith(begins)), ".mp4")
    if len(data) > limit:
        if extension != ".mp4":
            raise UserError(TOO_LARGE)
        data = await decoder.refit(data, limit)
    return Upload(named(job, f"film-{job.id}{extension}"), data)


def named(job: Job, name: str) -> str:
    """Return the name of a file that shows something of a job."""
    return HIDDEN + name if job.spoiler else name


def files_of(*uploads: Mapping[int, Upload]) -> list[discord.File]:
    """Return what discord.py sends."""
    return [discord.File(io.BytesIO(one.data), filename=one.name) for some in uploads for one in some.values()]
