"""A server's gallery with entries in it, and what a person sees of it."""

from __future__ import annotations

import io
import itertools
from typing import Any, cast

import discord
import simcord
from galleries import write_down
from PIL import Image
from simcord.results import InteractionResult, ResponseMessage
from simcord_stage import Json, Stage, walk
from standins import a_job

from bot.entry import Entry, EntryState, Nominee, Visitor
from bot.gallery import Gallery
from bot.guilds import Guilds
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.job import Job
from bot.store.database import Database
from bot.store.gallery.entries import Draft
from engine.recipe import Recipe

ADDRESS = "https://dreams.example/d/{slug}"
BUTTON, SELECT = 2, 3
_numbers = itertools.count(1)


def gallery_of(database: Database, images: ImageStore, guilds: Guilds, decoder: Decoder) -> Gallery:
    """Build the galleries as ``bot.app`` does, with pages on the web."""
    return Gallery(
        database,
        images=images,
        decoder=decoder,
        guilds=guilds,
        address_of=lambda _, entry: ADDRESS.format(slug=entry.slug),
    )


async def settle(stage: Stage, **values: Any) -> None:
    """Settle what holds in the server's gallery."""
    guilds = stage.client.guild_settings
    version = guilds.versioned(stage.guild.id).version
    await guilds.change(
        stage.guild.id,
        stage.mod.id,
        version,
        lambda old: old.changed(gallery={**old.gallery.model_dump(), **values}),
    )


async def a_picture(stage: Stage) -> str:
    """Keep a picture that no other is like; returns its hash."""
    number = next(_numbers)
    data = io.BytesIO()
    Image.new("RGB", (12, 9), (number % 256, number // 256, 99)).save(data, "PNG")
    return await stage.client.gallery._images.put(data.getvalue(), "image/png", 12, 9)


async def dreamed(stage: Stage, **changes: Any) -> tuple[Job, discord.Message]:
    """Let Ada's dream be shown, its pictures and its row kept; returns the job and its message."""
    pictures = {"source_hash": await a_picture(stage), "result_hash": await a_picture(stage)}
    job, message = await stage.ended(**(pictures | changes))
    await write_down(stage.database, job)
    return job, message


async def alike(stage: Stage, entry: Entry, job: Job) -> None:
    """Let an entry's picture be so like a job's dream that it is the same, though it is another file."""
    likeness = await stage.client.decoder.likeness(await stage.client.gallery.picture(job.result_hash))
    await stage.client.gallery._entries.set_thumbnail(entry.id, await a_picture(stage), likeness)


async def an_entry(
    stage: Stage,
    title: str | None = "Waves",
    *,
    who: simcord.MemberActor | None = None,
    state: EntryState = EntryState.SHOWN,
    votes: int = 0,
    recipe: Recipe | None = None,
    draft: Json | None = None,
    **changes: Any,
) -> Entry:
    """Let somebody, Ada where nobody is named, have an entry; ``changes`` are its job's."""
    actor = who or stage.ada
    number = next(_numbers)
    given: Json = {
        "id": 10_000 + number,
        "interaction_id": 10_000 + number,
        "person_id": actor.id,
        "guild_id": stage.guild.id,
        "channel_id": stage.channel.id,
        "recipe": (recipe or Recipe(of="eyes", seed=7)).to_json(),
        "source_hash": await a_picture(stage),
        "result_hash": await a_picture(stage),
        "restricted": False,
    }
    job = a_job(**(given | changes))
    await write_down(stage.database, job)
    visitor = Visitor(stage.guild.id, actor.id)
    gallery = stage.client.gallery
    said = Draft(title, **(draft or {}))
    entry = await gallery._entries.add(visitor, Nominee(job, 12, 9), said, state, 1000)
    for voter in range(votes):
        await gallery.vote(Visitor(stage.guild.id, 900 + voter), entry.id)
    return await gallery.own(actor.id, entry.id)


def parts(message: ResponseMessage | discord.Message) -> list[Json]:
    """Return every component of a message, nested ones too."""
    return list(walk([one if isinstance(one, dict) else dict(one.to_dict()) for one in message.components]))


def buttons_of(message: ResponseMessage | discord.Message, *, disabled: bool = False) -> dict[str, str]:
    """Return the buttons of a message that can be pressed, or cannot: label → custom_id."""
    return {
        one["label"]: one["custom_id"]
        for one in parts(message)
        if one["type"] == BUTTON and bool(one.get("disabled")) == disabled
    }


def select_of(message: ResponseMessage | discord.Message, act: str) -> Json:
    """Return a select of a message."""
    return next(one for one in parts(message) if one["type"] == SELECT and f":{act}" in one["custom_id"])


def panel_of(result: InteractionResult) -> ResponseMessage:
    """Return the answer as it is now."""
    assert result.response is not None
    return cast(ResponseMessage, result.response)
