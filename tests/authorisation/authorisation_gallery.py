"""What must be there before a row about a gallery is acted on: entries, reports, somebody barred."""

from __future__ import annotations

import hashlib
from typing import Any

import discord
from authorisation_acts import SAY, Act, Scene, Show
from galleries import write_down

from bot.entry import Entry, EntryState, Nominee, Visitor
from bot.guild import GallerySettings
from bot.store.blobs import Blob, BlobStore
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import Draft, EntryStore
from bot.views.gallery.moderation import ids
from bot.views.gallery.moderation.forms import BarForm, ClearForm, RemoveForm
from bot.views.gallery.moderation.ids import About
from bot.views.settings.gallery_form import NumbersForm

PENDING, SHOWN, HIDDEN = EntryState.PENDING, EntryState.SHOWN, EntryState.HIDDEN


async def entry_of(scene: Scene, state: EntryState = SHOWN) -> Entry:
    """Let a dream of the owner's be in the gallery of the channel's server, or else of this story's."""
    cast = scene.cast
    guild = cast.guild_id(scene.channel) or cast.ids["The Lighthouse"]
    hash_ = hashlib.sha256(f"picture {cast.number()}".encode()).hexdigest()
    await BlobStore(cast.database).touch(Blob(hash_, "image/png", 64, 48, 1000))
    job = cast.job(scene.channel, person=scene.owner, result_hash=hash_)
    await write_down(cast.database, job)
    first = PENDING if state is PENDING else SHOWN
    visitor = Visitor(guild, job.person_id)
    entry = await EntryStore(cast.database).add(visitor, Nominee(job, 64, 48), Draft(), first, 100)
    if state is HIDDEN:
        await reported(scene, entry, hide_at=1)
    return entry


async def reported(scene: Scene, entry: Entry, *, hide_at: int = 100) -> None:
    """Let somebody report an entry."""
    visitor = Visitor(entry.guild_id, scene.cast.ids["ada"], restricted=True)
    assert await Decisions(scene.cast.database).report(visitor, entry.id, "no", hide_at)


def seen_entry(act: str, state: EntryState = SHOWN) -> Show:
    async def show(scene: Scene) -> Act:
        entry = await entry_of(scene, state)
        return Act(About(entry.id, state).custom_id(act))

    return show


async def keep(scene: Scene) -> Act:
    entry = await entry_of(scene)
    await reported(scene, entry)
    return Act(f"oneiros:gallery:{ids.DISMISS}:{entry.id}:s:r1")


async def unbar(scene: Scene) -> Act:
    entry = await entry_of(scene)
    decisions, moderator = Decisions(scene.cast.database), Visitor(entry.guild_id, scene.cast.ids["ada"])
    await decisions.bar(moderator, scene.cast.ids["bob"], None)  # nothing that other rows need is his
    (bar,) = await decisions.bars(entry.guild_id, 1)
    return Act(f"oneiros:gallery:{ids.UNBAR}:0", values=[str(bar.id)], item=discord.ui.Select)


async def clear(scene: Scene) -> Act:
    await entry_of(scene)
    # Whom a client of somebody's own names may be anybody; the loopback Discord's takes people of the place.
    return Act(f"oneiros:gallery:{ids.CLEAR}:0", values=[str(scene.cast.ids[scene.owner])], item=discord.ui.UserSelect)


async def really_clear(scene: Scene) -> Act:
    return Act(f"oneiros:gallery:{ids.REALLY_CLEAR}:{(await entry_of(scene)).person_id}")


async def remove_form(scene: Scene) -> Act:
    return _with_a_reason(RemoveForm(SAY, About((await entry_of(scene)).id, SHOWN)))


async def bar_form(scene: Scene) -> Act:
    return _with_a_reason(BarForm(SAY, About((await entry_of(scene)).id, SHOWN)))


async def clear_form(scene: Scene) -> Act:
    return _with_a_reason(ClearForm(SAY, (await entry_of(scene)).person_id))


async def numbers_form(scene: Scene) -> Act:
    return Act("walk:form", form=NumbersForm(scene.version, SAY, GallerySettings(votes_to_add=7)))


def _with_a_reason(form: Any) -> Act:
    form.reason.default = "no"
    return Act("walk:form", form=form)
