"""The servers' settings, and who changed them when."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import delete, insert, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.guild import Change, GuildSettings, Versioned
from bot.store.database import Database, whole
from bot.store.gallery.tables import BarRow, EntryRow
from bot.store.moments import moment
from bot.store.tables import GuildChangeRow, GuildRow

MOST_CHANGES = 100  # that are kept of one server: the oldest make room


class ChangedMeanwhileError(Exception):
    """Somebody else has changed the settings; ``now`` is how they are."""

    def __init__(self, now: Versioned) -> None:
        super().__init__()
        self.now = now


class GuildStore:
    """The settings of the servers of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def newer(self, than: datetime | None) -> tuple[dict[int, Versioned], datetime | None]:
        """Return the settings that were changed at that moment or later, all for None, and the last such moment.

        Changes go in turn, so that none is committed later with an earlier moment.
        """
        wanted = select(GuildRow)
        if than is not None:
            wanted = wanted.where(GuildRow.changed_at >= than)
        async with self._database.read() as session:
            rows = list(await session.scalars(wanted))
            last = max((row.changed_at for row in rows), default=than)
            return {row.guild_id: _versioned(row) for row in rows}, last

    @whole
    async def ids(self) -> frozenset[int]:
        """Return the servers that have settings, or that the bot left."""
        async with self._database.read() as session:
            return frozenset(await session.scalars(select(GuildRow.guild_id)))

    @whole
    async def get(self, guild_id: int) -> Versioned:
        """Return a server's settings, the defaults where nobody has changed any."""
        async with self._database.read() as session:
            return await _now(session, guild_id)

    @whole
    async def of_each(self, guild_ids: Collection[int]) -> dict[int, GuildSettings]:
        """Return the settings of those servers that have any."""
        async with self._database.read() as session:
            rows = await session.scalars(select(GuildRow).where(GuildRow.guild_id.in_(guild_ids)))
            return {row.guild_id: _versioned(row).settings for row in rows}

    @whole
    async def change(
        self, guild_id: int, person_id: int, version: int, to: Callable[[GuildSettings], GuildSettings]
    ) -> tuple[Versioned, list[Change]]:
        """Change a server's settings, by somebody who has seen ``version``; return them, and what differs.

        Raises ChangedMeanwhileError where that is no longer how they are. Repeated after a lost connection it says so
        too, though the change was ours: who is told looks at the settings as they are.
        """
        async with self._database.write(in_turn=True) as session:
            now = await _now(session, guild_id)
            if now.version != version:
                raise ChangedMeanwhileError(now)
            later = to(now.settings)
            found = now.settings.differences(later)
            if not found:
                return now, []
            values = {"settings": later.model_dump(mode="json"), "version": version + 1, "changed_at": moment()}
            if version == 0:
                await session.execute(insert(GuildRow).values(guild_id=guild_id, **values))
            else:
                await session.execute(update(GuildRow).where(GuildRow.guild_id == guild_id).values(**values))
            changes = [await _write_down(session, guild_id, person_id, *one) for one in found]
            await _keep_newest(session, guild_id)
            return Versioned(later, version + 1, now.left_at), changes

    @whole
    async def changes(self, guild_id: int, limit: int) -> list[Change]:
        """Return a server's last changes, newest first."""
        async with self._database.read() as session:
            rows = await session.scalars(
                select(GuildChangeRow)
                .where(GuildChangeRow.guild_id == guild_id)
                .order_by(GuildChangeRow.id.desc())
                .limit(limit)
            )
            return [_change_of(row) for row in rows]

    @whole
    async def let_go_changes(self, older_than_s: float) -> None:
        """Forget who changed what that long ago; the settings stay."""
        async with self._database.write() as session:
            await session.execute(delete(GuildChangeRow).where(GuildChangeRow.changed_at < moment(-older_than_s)))

    @whole
    async def forget(self, guild_id: int) -> None:
        """Forget a server's settings, who changed them, and that the bot left it."""
        async with self._database.write(in_turn=True) as session:
            await session.execute(delete(GuildChangeRow).where(GuildChangeRow.guild_id == guild_id))
            await session.execute(delete(GuildRow).where(GuildRow.guild_id == guild_id))

    @whole
    async def left(self, guild_id: int) -> Versioned:
        """Note that the bot is no longer in a server, unless that is known; return how it stands with it."""
        fresh = {"guild_id": guild_id, "settings": {}, "version": 1, "changed_at": moment(), "left_at": moment()}
        again = {"version": GuildRow.version + 1, "changed_at": moment(), "left_at": moment()}
        async with self._database.write(in_turn=True) as session:
            await session.execute(
                self._database.insert(GuildRow)
                .values(**fresh)
                .on_conflict_do_update(index_elements=[GuildRow.guild_id], set_=again, where=GuildRow.left_at.is_(None))
            )
            return await _now(session, guild_id)

    @whole
    async def came(self, guild_id: int) -> Versioned:
        """Note that the bot is in a server; what is kept of it holds again."""
        again = {"version": GuildRow.version + 1, "changed_at": moment(), "left_at": None}
        async with self._database.write(in_turn=True) as session:
            back = update(GuildRow).where(GuildRow.guild_id == guild_id, GuildRow.left_at.is_not(None))
            await session.execute(back.values(**again), execution_options={"synchronize_session": False})
            return await _now(session, guild_id)

    @whole
    async def known(self) -> tuple[frozenset[int], frozenset[int]]:
        """Return the servers that something is kept of: those the bot is in, as far as we know, and those it left."""
        async with self._database.read() as session:
            rows = {
                row.guild_id: row.left_at for row in await session.execute(select(GuildRow.guild_id, GuildRow.left_at))
            }
            with_gallery = union(select(EntryRow.guild_id), select(BarRow.guild_id))
            guild_ids = rows.keys() | set(await session.scalars(with_gallery))
        left = frozenset(guild_id for guild_id, left_at in rows.items() if left_at is not None)
        return frozenset(guild_ids) - left, left

    @whole
    async def long_gone(self, for_s: float) -> list[int]:
        """Return the servers that the bot left so long ago."""
        async with self._database.read() as session:
            return list(await session.scalars(select(GuildRow.guild_id).where(GuildRow.left_at <= moment(-for_s))))


async def settings_of(session: AsyncSession, guild_id: int | None) -> GuildSettings:
    """Return the settings that hold for a job of ``guild_id`` in this transaction."""
    return GuildSettings() if guild_id is None else (await _now(session, guild_id)).settings


async def _now(session: AsyncSession, guild_id: int) -> Versioned:
    row = await session.get(GuildRow, guild_id)
    return Versioned() if row is None else _versioned(row)


async def _write_down(
    session: AsyncSession, guild_id: int, person_id: int, setting: str, before: object, after: object
) -> Change:
    row = await session.scalar(
        insert(GuildChangeRow)
        .values(
            guild_id=guild_id,
            person_id=person_id,
            changed_at=moment(),
            setting=setting,
            before=before,
            after=after,
        )
        .returning(GuildChangeRow)
    )
    if row is None:
        raise RuntimeError("an inserted row was not returned")
    return _change_of(row)


async def _keep_newest(session: AsyncSession, guild_id: int) -> None:
    oldest_kept = (
        select(GuildChangeRow.id)
        .where(GuildChangeRow.guild_id == guild_id)
        .order_by(GuildChangeRow.id.desc())
        .offset(MOST_CHANGES - 1)
        .limit(1)
    )
    first = await session.scalar(oldest_kept)
    if first is not None:
        await session.execute(
            delete(GuildChangeRow).where(GuildChangeRow.guild_id == guild_id, GuildChangeRow.id < first)
        )


def _versioned(row: GuildRow) -> Versioned:
    return Versioned(GuildSettings.model_validate(row.settings), row.version, row.left_at)


def _change_of(row: GuildChangeRow) -> Change:
    return Change(row.id, row.guild_id, row.person_id, row.changed_at, row.setting, row.before, row.after)
