"""What an entry of a gallery vouches for: the guide and the mask of a remix, to whoever sees it there."""

from __future__ import annotations

from typing import Any

import pytest
from gallery_samples import DREAMER, GUILD, VOTER, a_dream, a_picture, an_entry
from sqlalchemy import delete, update
from store_samples import a_request

from bot.entry import Entry, EntryState
from bot.errors import KEPT_NO_MORE, UserError
from bot.store.database import Database
from bot.store.gallery.entries import EntryStore
from bot.store.jobs import JobStore
from bot.store.tables import JobRow


async def guided(database: Database, state: EntryState = EntryState.SHOWN, **changes: Any) -> Entry:
    """Return an entry of a dream with a guide and a mask, whose job is kept no longer."""
    job = await a_dream(database, **changes)
    pictures = {"guide_hash": await a_picture(database), "mask_hash": await a_picture(database)}
    async with database.write() as session:
        await session.execute(update(JobRow).where(JobRow.id == job.id).values(pictures))
    kept = await JobStore(database).get(job.id)
    assert kept is not None
    entry = await an_entry(database, kept, state=state)
    async with database.write() as session:
        await session.execute(delete(JobRow).where(JobRow.id == job.id))
    return entry


async def asked(database: Database, entry: Entry, **changes: Any) -> bool:
    """Ask for a remix of an entry; returns whether the dream is age-restricted."""
    pictures = {"guide_hash": entry.guide_hash, "mask_hash": entry.mask_hash}
    request = a_request(**{"person_id": VOTER, "guild_id": GUILD, **pictures, **changes})
    (job,), _ = await JobStore(database).accept([request], "mine")
    return job.restricted


async def test_whoever_sees_an_entry_dreams_with_its_guide_and_mask(database: Database) -> None:
    entry = await guided(database)
    assert await asked(database, entry) is False


@pytest.mark.parametrize("elsewhere", [{"guild_id": GUILD + 1}, {"guild_id": None}])
async def test_elsewhere_it_vouches_for_nothing(database: Database, elsewhere: dict[str, Any]) -> None:
    entry = await guided(database)
    with pytest.raises(UserError, match=KEPT_NO_MORE.partition(":")[0]):
        await asked(database, entry, **elsewhere)


async def test_what_waits_vouches_for_its_dreamer_only(database: Database) -> None:
    entry = await guided(database, EntryState.PENDING)
    with pytest.raises(UserError, match=KEPT_NO_MORE.partition(":")[0]):
        await asked(database, entry)
    assert await asked(database, entry, person_id=DREAMER) is False


async def test_what_is_withdrawn_vouches_no_more(database: Database) -> None:
    entry = await guided(database)
    await EntryStore(database).withdraw(DREAMER, entry.id)
    with pytest.raises(UserError, match=KEPT_NO_MORE.partition(":")[0]):
        await asked(database, entry)


async def test_age_restriction_is_inherited_and_seen_there_only(database: Database) -> None:
    entry = await guided(database, restricted=True)
    with pytest.raises(UserError, match=KEPT_NO_MORE.partition(":")[0]):
        await asked(database, entry)
    assert await asked(database, entry, restricted=True) is True
