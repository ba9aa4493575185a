"""Galleries with rows in each of their tables, for the tests of the store."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from typing import Any

from sqlalchemy import update
from store_samples import a_request

from bot.entry import Entry, EntryState, Nominee, Visitor
from bot.job import Job, State
from bot.store.blobs import Blob, BlobStore
from bot.store.database import Database
from bot.store.gallery.copies import Copies
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import Draft, EntryStore
from bot.store.gallery.mirrors import Mirrors
from bot.store.gallery.votes import Votes
from bot.store.jobs import JobStore
from bot.store.tables import JobRow

GUILD, DREAMER, VOTER, MODERATOR = 2, 1, 5, 6
RECIPE = '{"version": 2, "of": "dogs"}'
_numbers = itertools.count(1)


def a_visitor(person_id: int | None = VOTER, **changes: Any) -> Visitor:
    """Return somebody who looks at the gallery from a channel that is not age-restricted."""
    return replace(Visitor(GUILD, person_id), **changes)


async def a_picture(database: Database) -> str:
    """Write the row of a picture that no other has; returns its hash."""
    hash_ = hashlib.sha256(f"picture {next(_numbers)}".encode()).hexdigest()
    await BlobStore(database).touch(Blob(hash_, "image/png", 64, 48, 1000))
    return hash_


async def a_dream(database: Database, *, result: str | None = None, **changes: Any) -> Job:
    """Return a job that was dreamed, its photo and, where no ``result`` is given, its result pictures of their own."""
    jobs = JobStore(database)
    (accepted,), _ = await jobs.accept([a_request(**{"recipe": RECIPE, "person_id": DREAMER, **changes})], "mine")
    values = {
        "state": State.DREAMED,
        "source_hash": await a_picture(database),
        "result_hash": result or await a_picture(database),
        "finished_at": accepted.created_at,
        "told_at": accepted.created_at,
    }
    async with database.write() as session:
        await session.execute(update(JobRow).where(JobRow.id == accepted.id).values(values))
    job = await jobs.get(accepted.id)
    assert job is not None
    return job


async def an_entry(
    database: Database,
    job: Job | None = None,
    *,
    state: EntryState = EntryState.SHOWN,
    draft: Draft | None = None,
    a_day: int = 1000,
    **changes: Any,
) -> Entry:
    """Add a dream to the gallery as its dreamer would; ``changes`` are the request's, where no ``job`` is given."""
    of = job or await a_dream(database, **changes)
    visitor = Visitor(of.guild_id or GUILD, of.person_id)
    return await EntryStore(database).add(visitor, Nominee(of, 64, 48), draft or Draft(), state, a_day)


async def with_a_gallery(database: Database) -> Entry:
    """Write a row into each table of the galleries; returns an entry that is shown."""
    entry = await an_entry(database, draft=Draft("Waves", ("sea", "night")))
    await EntryStore(database).set_thumbnail(entry.id, await a_picture(database), -1)
    await Votes(database).cast(a_visitor(), entry.id, for_it=True)
    await Decisions(database).report(a_visitor(), entry.id, "upside down", 100)
    await Decisions(database).bar(a_visitor(MODERATOR, moderates=True), next(_numbers) + 1000, "spam")
    copies = Copies(database)
    begun = await copies.begin(entry, 4)
    assert begun is not None
    await copies.posted(begun, next(_numbers) + 1000)
    mirrors = Mirrors(database)
    withdrawn = await an_entry(database)
    await mirrors.begin(withdrawn.id, 3)
    await mirrors.posted(withdrawn, 3, next(_numbers) + 1000, "gallery.png")
    await EntryStore(database).withdraw(withdrawn.person_id, withdrawn.id)
    return entry
