"""The moderation of galleries on real databases: queues, decisions of which one counts, and who may decide."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from gallery_samples import DREAMER, GUILD, MODERATOR, VOTER, a_visitor, an_entry

from bot.entry import LONGEST_REASON, Entry, EntryState, Hidden
from bot.errors import UserError
from bot.gallery.moderation import (
    BARRED_ALREADY,
    CHANGED_MEANWHILE,
    MODERATORS_ONLY,
    NO_REASON,
    NOT_BARRED,
    NOTHING_TO_CLEAR,
    Moderation,
    Seen,
)
from bot.gallery.service import GONE
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.gallery import rows
from bot.store.gallery.acts import Act
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import BarredError, EntryStore
from bot.store.gallery.queues import Numbers, Place, Queue, Way
from bot.store.gallery.tables import EntryRow

MOD, OTHER_MOD = a_visitor(MODERATOR, moderates=True), a_visitor(MODERATOR + 1, moderates=True)
PENDING, SHOWN, HIDDEN, REMOVED = EntryState.PENDING, EntryState.SHOWN, EntryState.HIDDEN, EntryState.REMOVED
OTHER_GUILD = 99


@pytest.fixture
def moderation(database: Database, tmp_path: Path) -> Moderation:
    images = ImageStore(Objects(tmp_path / "pictures"), BlobStore(database))
    return Moderation(database, images=images)


async def reported(database: Database, entry: Entry, *people: int, hide_at: int = 100) -> Entry:
    """Let people report an entry; returns it as it is then."""
    now = entry
    for person in people:
        found = await Decisions(database).report(a_visitor(person), entry.id, f"says {person}", hide_at)
        assert found is not None
        now = found
    return now


async def by_its_mirror(database: Database, entry: Entry) -> None:
    """Let an entry be hidden because its message in the gallery channel was deleted."""
    async with database.write() as session:
        await rows.take_out(session, EntryRow.id == entry.id, HIDDEN, hidden=Hidden.MIRROR)


async def gone_through(moderation: Moderation, queue: Queue) -> list[int]:
    """Return the entries of a queue as somebody sees them who turns its pages."""
    found = await moderation.look(MOD, Place(queue), Way.HERE)
    seen: list[int] = []
    while found is not None:
        seen.append(found.entry.id)
        assert (found.number, found.count) == (len(seen), found.count)
        if found.number == found.count:
            break
        found = await moderation.look(MOD, found.place, Way.NEXT)
    return seen


async def refused(awaited: Awaitable[object]) -> str:
    with pytest.raises(UserError) as error:
        await awaited
    return str(error.value)


async def test_what_waits_is_gone_through_from_the_oldest_to_the_newest_and_back(
    database: Database, moderation: Moderation
) -> None:
    waiting = [await an_entry(database, state=PENDING) for _ in range(3)]
    await an_entry(database)
    await an_entry(database, state=PENDING, guild_id=OTHER_GUILD)
    assert await gone_through(moderation, Queue.WAITING) == [one.id for one in waiting]
    last = await moderation.look(MOD, Place(Queue.WAITING, 0, waiting[2].id), Way.NEXT)
    assert last is not None
    assert last.entry.id == waiting[2].id, "there is none after the last"
    before = await moderation.look(MOD, last.place, Way.BEFORE)
    assert before is not None
    assert (before.entry.id, before.number) == (waiting[1].id, 2)
    await moderation.approve(MOD, Seen(waiting[1].id, PENDING))
    here = await moderation.look(MOD, before.place, Way.HERE)
    assert here is not None
    assert (here.entry.id, here.number, here.count) == (waiting[2].id, 2, 2), "the next, once it has left"
    await moderation.approve(MOD, Seen(waiting[2].id, PENDING))
    here = await moderation.look(MOD, here.place, Way.HERE)
    assert here is not None
    assert here.entry.id == waiting[0].id
    await moderation.approve(MOD, Seen(waiting[0].id, PENDING))
    assert await moderation.look(MOD, here.place, Way.HERE) is None


async def test_what_most_reported_comes_first_and_says_who_reported_it(
    database: Database, moderation: Moderation
) -> None:
    once, thrice, again, _ = [await an_entry(database) for _ in range(4)]
    await reported(database, once, 10)
    await reported(database, thrice, 10, 11, 12, hide_at=3)
    await reported(database, again, 13)
    assert await gone_through(moderation, Queue.REPORTED) == [thrice.id, once.id, again.id]
    found = await moderation.reports(MOD, thrice, 10)
    assert [(one.person_id, one.reason) for one in found] == [(10, "says 10"), (11, "says 11"), (12, "says 12")]


async def test_hidden_ones_come_before_removed_ones_each_from_the_newest(
    database: Database, moderation: Moderation
) -> None:
    first, second, third, fourth = [await an_entry(database) for _ in range(4)]
    for one in (first, fourth):
        await moderation.remove(MOD, Seen(one.id, SHOWN), "no")
    await reported(database, second, 10, hide_at=1)
    await by_its_mirror(database, third)
    assert await gone_through(moderation, Queue.OUT) == [third.id, second.id, fourth.id, first.id]


async def test_the_numbers_count_what_there_is_of_the_own_server(database: Database, moderation: Moderation) -> None:
    assert await moderation.numbers(MOD) == Numbers(0, 0, 0, 0, 0)
    shown, hidden, removed = [await an_entry(database) for _ in range(3)]
    await an_entry(database, state=PENDING)
    await an_entry(database, state=PENDING, guild_id=OTHER_GUILD)
    await reported(database, shown, 10, 11)
    await reported(database, hidden, 10, hide_at=1)
    await moderation.remove(MOD, Seen(removed.id, SHOWN), "no")
    await moderation.bar(MOD, shown.id, "")
    assert await moderation.numbers(MOD) == Numbers(waiting=1, reported=2, hidden=1, removed=1, barred=1)


async def test_whatever_a_moderator_may_others_may_not_and_not_on_another_server(
    database: Database, moderation: Moderation
) -> None:
    entry = await an_entry(database, state=PENDING)
    await moderation.bar(MOD, (await an_entry(database, person_id=77)).id, "")
    (bar,) = await moderation.bars(MOD, 10)
    seen = Seen(entry.id, PENDING)
    acts: list[tuple[Callable[[], Awaitable[object]], str | None]] = []
    for who, here in ((a_visitor(VOTER), True), (a_visitor(MODERATOR, guild_id=OTHER_GUILD, moderates=True), False)):
        acts = [
            (lambda who=who: moderation.approve(who, seen), GONE),
            (lambda who=who: moderation.remove(who, seen, "no"), GONE),
            (lambda who=who: moderation.restore(who, Seen(entry.id, HIDDEN)), GONE),
            (lambda who=who: moderation.keep(who, Seen(entry.id, SHOWN, 1)), GONE),
            (lambda who=who: moderation.bar(who, entry.id, "no"), GONE),
            (lambda who=who: moderation.get(who, entry.id), GONE),
            (lambda who=who: moderation.unbar(who, bar.id), NOT_BARRED),
            (lambda who=who: moderation.clear(who, DREAMER, "no"), NOTHING_TO_CLEAR),
            (lambda who=who: moderation.count_of(who, DREAMER), NOTHING_TO_CLEAR),
        ]
        for act, there in acts:
            assert await refused(act()) == (MODERATORS_ONLY if here else there)
    nobody = a_visitor(VOTER)
    for read in (
        moderation.numbers(nobody),
        moderation.look(nobody, Place(Queue.WAITING), Way.HERE),
        moderation.reports(nobody, entry, 5),
        moderation.last_act(nobody, entry),
        moderation.bars(nobody, 5),
        moderation.log(nobody, 5),
        moderation.picture(nobody, entry),
    ):
        assert await refused(read) == MODERATORS_ONLY
    assert (await moderation.get(MOD, entry.id)) == entry
    assert len(await moderation.bars(MOD, 10)) == 1


async def test_of_two_decisions_at_once_one_counts_and_the_other_is_told_which(
    database: Database, moderation: Moderation
) -> None:
    for _ in range(5):
        entry = await an_entry(database, state=PENDING)
        seen = Seen(entry.id, PENDING)
        done = await asyncio.gather(
            moderation.approve(MOD, seen), moderation.remove(OTHER_MOD, seen, "no"), return_exceptions=True
        )
        (decided,) = [one for one in done if isinstance(one, Entry)]
        (late,) = [one for one in done if isinstance(one, UserError)]
        now = await moderation.get(MOD, entry.id)
        assert now.state is decided.state
        if now.state is SHOWN:
            assert str(late) == f"<@{MODERATOR}> was faster: this dream is shown in the gallery now."
        else:
            assert str(late) == f"<@{MODERATOR + 1}> was faster: this dream is out of the gallery now."


async def test_of_two_decisions_on_reports_one_counts_also_where_the_entry_stays_shown(
    database: Database, moderation: Moderation
) -> None:
    for _ in range(5):
        entry = await reported(database, await an_entry(database), 10, 11)
        seen = Seen(entry.id, SHOWN, 2)
        done = await asyncio.gather(
            moderation.keep(MOD, seen), moderation.remove(OTHER_MOD, seen, "no"), return_exceptions=True
        )
        assert sorted(type(one) is Entry for one in done) == [False, True]
        (decided,) = [one for one in done if isinstance(one, Entry)]
        assert (await moderation.get(MOD, entry.id)).state is decided.state


async def test_who_decides_on_reports_has_seen_them_all(database: Database, moderation: Moderation) -> None:
    entry = await reported(database, await an_entry(database), 10)
    seen = Seen(entry.id, SHOWN, 1)
    await reported(database, entry, 11)
    assert await refused(moderation.keep(MOD, seen)) == CHANGED_MEANWHILE
    assert await refused(moderation.remove(MOD, seen, "no")) == CHANGED_MEANWHILE
    kept = await moderation.keep(MOD, Seen(entry.id, SHOWN, 2))
    assert (kept.state, kept.reports) == (SHOWN, 0)
    assert await moderation.reports(MOD, entry, 10) == []
    assert [one.act for one in await moderation.log(MOD, 1)] == [Act.DISMISSED]


async def test_keeping_shows_what_reports_had_hidden_and_not_what_its_deleted_message_had(
    database: Database, moderation: Moderation
) -> None:
    by_reports = await reported(database, await an_entry(database), 10, hide_at=1)
    assert (by_reports.state, by_reports.hidden) == (HIDDEN, Hidden.REPORTS)
    assert (await moderation.keep(MOD, Seen(by_reports.id, HIDDEN, 1))).state is SHOWN
    deleted = await reported(database, await an_entry(database), 10)
    await by_its_mirror(database, deleted)
    kept = await moderation.keep(MOD, Seen(deleted.id, HIDDEN, 1))
    assert (kept.state, kept.hidden, kept.reports) == (HIDDEN, Hidden.MIRROR, 0)
    assert (await moderation.restore(MOD, Seen(deleted.id, HIDDEN))).state is SHOWN


async def test_a_state_that_an_act_is_not_about_is_refused(database: Database, moderation: Moderation) -> None:
    shown, waiting = await an_entry(database), await an_entry(database, state=PENDING)
    before = await moderation.log(MOD, 100)
    assert await refused(moderation.approve(MOD, Seen(shown.id, SHOWN))) == CHANGED_MEANWHILE
    assert await refused(moderation.restore(MOD, Seen(waiting.id, PENDING))) == CHANGED_MEANWHILE
    assert await refused(moderation.keep(MOD, Seen(waiting.id, PENDING, 0))) == CHANGED_MEANWHILE
    assert await refused(moderation.remove(MOD, Seen(shown.id, REMOVED), "no")) == CHANGED_MEANWHILE
    assert await moderation.log(MOD, 100) == before


async def test_a_removal_has_a_reason_on_one_line_of_bounded_length(database: Database, moderation: Moderation) -> None:
    entry = await an_entry(database)
    assert await refused(moderation.remove(MOD, Seen(entry.id, SHOWN), " \n ")) == NO_REASON
    removed = await moderation.remove(MOD, Seen(entry.id, SHOWN), "too\nloud " + "x" * 400)
    assert removed.reason is not None
    assert removed.reason.startswith("too loud xxx")
    assert len(removed.reason) == LONGEST_REASON
    restored = await moderation.restore(MOD, Seen(entry.id, REMOVED))
    assert (restored.state, restored.reason) == (SHOWN, None)


async def test_somebody_barred_adds_nothing_until_they_are_let_in_again(
    database: Database, moderation: Moderation
) -> None:
    entry = await an_entry(database)
    await moderation.bar(MOD, entry.id, "spam")
    assert await refused(moderation.bar(OTHER_MOD, entry.id, "spam")) == BARRED_ALREADY
    with pytest.raises(BarredError):
        await an_entry(database)
    (bar,) = await moderation.bars(MOD, 10)
    assert (bar.person_id, bar.barred_by, bar.reason) == (DREAMER, MODERATOR, "spam")
    assert (await moderation.unbar(MOD, bar.id)).person_id == DREAMER
    assert await refused(moderation.unbar(MOD, bar.id)) == NOT_BARRED
    await an_entry(database)


async def test_all_of_a_person_go_at_once_and_nothing_of_others(database: Database, moderation: Moderation) -> None:
    mine = [await an_entry(database), await an_entry(database, state=PENDING)]
    other, elsewhere = await an_entry(database, person_id=77), await an_entry(database, guild_id=OTHER_GUILD)
    assert await moderation.count_of(MOD, DREAMER) == 2
    assert await refused(moderation.clear(MOD, DREAMER, "")) == NO_REASON
    cleared = await moderation.clear(MOD, DREAMER, "enough")
    assert {one.id for one in cleared} == {one.id for one in mine}
    assert [(await moderation.get(MOD, one.id)).reason for one in mine] == ["enough"] * 2
    assert (await moderation.get(MOD, other.id)).state is SHOWN
    assert await EntryStore(database).get(a_visitor(VOTER, guild_id=OTHER_GUILD), elsewhere.id) is not None
    assert await refused(moderation.clear(MOD, DREAMER, "enough")) == NOTHING_TO_CLEAR


async def test_a_picture_from_an_age_restricted_place_is_shown_in_such_a_place_only(
    database: Database, moderation: Moderation
) -> None:
    entry = await an_entry(database, restricted=True)
    assert await moderation.picture(MOD, entry) is None
    there = a_visitor(MODERATOR, moderates=True, restricted=True)
    assert await moderation.picture(there, entry) is None, "no bytes are in the store"
    data = b"a picture"
    await moderation._images.objects.put(f"blobs/{entry.picture_hash[:2]}/{entry.picture_hash}", data)
    assert await moderation.picture(there, entry) == data
    assert await moderation.picture(MOD, entry) is None
    assert await moderation.picture(a_visitor(MODERATOR, guild_id=GUILD + 1, moderates=True), entry) is None


async def test_the_log_has_what_was_done_by_whom_newest_first(database: Database, moderation: Moderation) -> None:
    entry = await an_entry(database, state=PENDING)
    await moderation.approve(MOD, Seen(entry.id, PENDING))
    await moderation.remove(OTHER_MOD, Seen(entry.id, SHOWN), "no")
    found = await moderation.log(MOD, 10)
    assert [(one.act, one.person_id, one.reason) for one in found] == [
        (Act.REMOVED, MODERATOR + 1, "no"),
        (Act.APPROVED, MODERATOR, None),
        (Act.ASKED, DREAMER, None),
    ]
    assert [one.act for one in await moderation.log(MOD, 10, found[1].id)] == [Act.ASKED]
    last = await moderation.last_act(MOD, entry)
    assert last == found[0]
