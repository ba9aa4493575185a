"""What whoever runs the bot has settled: read by every process, changed by ``oneiros admin`` and in the chat.

Each change is one transaction: what is settled, the jobs that it ends, a line of the log, and the version by which the
running processes notice it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.job import LIVE, State
from bot.regime import Block, Pause, Regime
from bot.store.admin.acts import Act, By, write_down
from bot.store.admin.tables import BlockedPersonRow, RegimeRow, ServerRuleRow
from bot.store.changes import change, ended
from bot.store.database import Database, whole
from bot.store.fairness import close_up, unserved_of
from bot.store.moments import moment
from bot.store.salting import hashed, salt
from bot.store.tables import JobRow, SaltRow
from engine.sentences import mark

THE_ROW = 1
ENDED = mark("Whoever runs me has ended this dream.")


@dataclass(frozen=True)
class BlockedPerson:
    """Somebody who is shut out; ``person_id`` is None once they were forgotten."""

    person_id: int | None
    block: Block
    since: datetime


class Regimes:
    """The regime of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def version(self) -> int:
        """Return how often it was changed."""
        async with self._database.read() as session:
            return await session.scalar(select(RegimeRow.version)) or 0

    @whole
    async def get(self) -> tuple[Regime, str | None]:
        """Return what holds, and the salt of people's hashes; None: nobody was ever shut out."""
        async with self._database.read() as session:
            return await regime_of(session), await session.scalar(select(SaltRow.salt))

    @whole
    async def people(self) -> list[BlockedPerson]:
        """Return who is shut out, the longest first; also those whose time is over."""
        async with self._database.read() as session:
            rows = await session.scalars(select(BlockedPersonRow).order_by(BlockedPersonRow.id))
            return [BlockedPerson(row.person_id, Block(row.reason, row.until), row.created_at) for row in rows]

    @whole
    async def allow(self, guild_id: int, by: By) -> bool:
        """Put a server on the allow-list, which is on from then on; False where it is there already."""
        async with self._database.write(in_turn=True) as session:
            known = await session.get(ServerRuleRow, guild_id)
            if known is not None and known.allowed and (await _row(self._database, session)).listed_only:
                return False
            await self._settle(session, guild_id, allowed=True)
            await count_change(self._database, session, listed_only=True)
            await write_down(session, by, Act.ALLOWED, guild_id=guild_id)
            return True

    @whole
    async def disallow(self, guild_id: int, by: By) -> bool:
        """Take a server from the allow-list, which stays on; False where it is not on it."""
        async with self._database.write(in_turn=True) as session:
            known = await session.get(ServerRuleRow, guild_id)
            if known is None or not known.allowed:
                return False
            await self._settle(session, guild_id, allowed=False)
            await count_change(self._database, session)
            await write_down(session, by, Act.DISALLOWED, guild_id=guild_id)
            return True

    @whole
    async def list_only(self, by: By, *, on: bool, leave: bool = False) -> None:
        """Serve the servers of the allow-list only, and leave the others where ``leave`` says so; or serve all."""
        async with self._database.write(in_turn=True) as session:
            await count_change(self._database, session, listed_only=on, leave_others=on and leave)
            await write_down(session, by, Act.LISTED_ONLY if on else Act.OPENED)

    @whole
    async def block_server(self, guild_id: int, block: Block, by: By) -> int:
        """Shut a server out, and end what waits and is dreamed for it; returns how many jobs that were."""
        async with self._database.write(in_turn=True) as session:
            await self._settle(session, guild_id, reason=block.reason, until=block.until)
            count = await end_jobs(session, JobRow.guild_id == guild_id, ENDED)
            await count_change(self._database, session)
            await write_down(session, by, Act.BLOCKED, guild_id=guild_id, reason=block.reason)
            return count

    @whole
    async def unblock_server(self, guild_id: int, by: By) -> bool:
        """Let a server in again; False where it was not shut out."""
        async with self._database.write(in_turn=True) as session:
            known = await session.get(ServerRuleRow, guild_id)
            if known is None or known.reason is None:
                return False
            await self._settle(session, guild_id, reason=None, until=None)
            await count_change(self._database, session)
            await write_down(session, by, Act.UNBLOCKED, guild_id=guild_id)
            return True

    @whole
    async def block_person(self, person_id: int, block: Block, by: By) -> int:
        """Shut somebody out, and end what waits and is dreamed for them; returns how many jobs that were."""
        async with self._database.write(in_turn=True) as session:
            who = hashed(await salt(self._database, session), person_id)
            values = {"person_id": person_id, "reason": block.reason, "until": block.until}
            await session.execute(
                self._database.insert(BlockedPersonRow)
                .values(who=who, created_at=moment(), **values)
                .on_conflict_do_update(index_elements=[BlockedPersonRow.who], set_=values)
            )
            count = await end_jobs(session, JobRow.person_id == person_id, ENDED)
            await count_change(self._database, session)
            await write_down(session, by, Act.BLOCKED, person_id=person_id, reason=block.reason)
            return count

    @whole
    async def unblock_person(self, person_id: int, by: By) -> bool:
        """Let somebody in again; False where they were not shut out."""
        async with self._database.write(in_turn=True) as session:
            who = hashed(await salt(self._database, session), person_id)
            gone = delete(BlockedPersonRow).where(BlockedPersonRow.who == who).returning(BlockedPersonRow.id)
            if not (await session.scalars(gone)).all():
                return False
            await count_change(self._database, session)
            await write_down(session, by, Act.UNBLOCKED, person_id=person_id)
            return True

    @whole
    async def pause(self, notice: str, until: datetime | None, by: By) -> None:
        """Take no new dreams, or say so with another notice."""
        async with self._database.write(in_turn=True) as session:
            await count_change(self._database, session, notice=notice, paused_at=moment(), paused_until=until)
            await write_down(session, by, Act.PAUSED, reason=notice)

    @whole
    async def resume(self, by: By) -> bool:
        """Take new dreams again; False where that was so."""
        async with self._database.write(in_turn=True) as session:
            if (await _row(self._database, session)).notice is None:
                return False
            await count_change(self._database, session, notice=None, paused_at=None, paused_until=None)
            await write_down(session, by, Act.RESUMED)
            return True

    @whole
    async def report_to(self, channel_id: int | None, by: By) -> None:
        """Have people's reports posted in a channel; None: in none."""
        async with self._database.write(in_turn=True) as session:
            await count_change(self._database, session, reports_channel_id=channel_id)
            await write_down(session, by, Act.REPORTS_TO, reason=None if channel_id is None else str(channel_id))

    async def _settle(self, session: AsyncSession, guild_id: int, **values: Any) -> None:
        """Settle something for a server; what nothing is settled for has no row."""
        await session.execute(
            self._database.insert(ServerRuleRow)
            .values(guild_id=guild_id, **values)
            .on_conflict_do_update(index_elements=[ServerRuleRow.guild_id], set_=values)
        )
        nothing = and_(ServerRuleRow.allowed.is_(False), ServerRuleRow.reason.is_(None))
        await session.execute(delete(ServerRuleRow).where(nothing), execution_options={"synchronize_session": False})


async def regime_of(session: AsyncSession) -> Regime:
    """Return what holds in this transaction."""
    row = await session.get(RegimeRow, THE_ROW)
    if row is None:
        return Regime()
    rules = list(await session.scalars(select(ServerRuleRow)))
    people = await session.execute(select(BlockedPersonRow.who, BlockedPersonRow.reason, BlockedPersonRow.until))
    return Regime(
        version=row.version,
        listed_only=row.listed_only,
        leave_others=row.leave_others,
        allowed=frozenset(rule.guild_id for rule in rules if rule.allowed),
        servers={rule.guild_id: Block(rule.reason, rule.until) for rule in rules if rule.reason is not None},
        people={one.who: Block(one.reason, one.until) for one in people},
        pause=_pause_of(row),
        reports_channel_id=row.reports_channel_id,
    )


async def check(session: AsyncSession, person_id: int, guild_id: int | None) -> None:
    """Let somebody dream, in the transaction that writes it down. Raises UserError where they, or nobody, may."""
    row = await session.get(RegimeRow, THE_ROW)
    if row is None:
        return
    drawn = await session.scalar(select(SaltRow.salt))
    who = None if drawn is None else hashed(drawn, person_id)
    person = await session.scalar(select(BlockedPersonRow).where(BlockedPersonRow.who == who))
    server = None if guild_id is None else await session.get(ServerRuleRow, guild_id)
    regime = Regime(
        servers={}
        if server is None or server.reason is None
        else {server.guild_id: Block(server.reason, server.until)},
        people={} if person is None else {person.who: Block(person.reason, person.until)},
        pause=_pause_of(row),
    )
    refusal = regime.refusal(who, guild_id)
    if refusal is None and regime.paused is not None:
        refusal = regime.paused.refusal
    if refusal is not None:
        raise refusal


def _pause_of(row: RegimeRow) -> Pause | None:
    if row.notice is None or row.paused_at is None:
        return None
    return Pause(row.notice, row.paused_at, row.paused_until)


async def end_jobs(session: AsyncSession, which: ColumnElement[bool], sentence: str) -> int:
    """End jobs that wait or are dreamed, with a sentence; call it in turn. Whoever works on one tells its person.

    Returns how many. What nobody works on is told by whichever process looks first.
    """
    live = and_(which, JobRow.state.in_(LIVE))
    unserved = await unserved_of(session, which)
    gone = await change(session, live, **ended(State.FAILED, failure=sentence))
    await close_up(session, unserved)
    return len(gone)


async def _row(database: Database, session: AsyncSession) -> RegimeRow:
    fresh = database.insert(RegimeRow).values(id=THE_ROW, version=0).on_conflict_do_nothing()
    await session.execute(fresh)
    return (await session.scalars(select(RegimeRow).where(RegimeRow.id == THE_ROW))).one()


async def count_change(database: Database, session: AsyncSession, **values: Any) -> None:
    """Change the row, and count it: by that the running processes notice whatever was changed."""
    await _row(database, session)
    counted = {"version": RegimeRow.version + 1, **values}
    await session.execute(update(RegimeRow).values(counted), execution_options={"synchronize_session": False})
