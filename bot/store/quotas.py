"""Quotas: how much one person, one server and all together may have waiting, running, and dreamed in a day.

They are checked in the transaction that inserts, queues or claims a job, and those go one after another: no number of
commands at once gets past them.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, TypeVar

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select, true, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import SQLCoreOperations

from bot.errors import UserError
from bot.floods import KEPT, is_new
from bot.guild import Bounds, GuildSettings
from bot.job import State
from bot.store.changes import is_free
from bot.store.moments import lately, moment
from bot.store.salting import hashed
from bot.store.tables import ForgottenCostRow, GuildRow, JobRow, SaltRow
from engine.sentences import Value, mark

WAITING = frozenset({State.ACCEPTED, State.QUEUED})
DAY_S = 24 * 3600.0

Scope = Literal["person", "member", "server", "whole"]

N = TypeVar("N", int, float)


@dataclass(frozen=True)
class Limits:
    """Bounds for one; None is no bound."""

    waiting: int | None = None  # jobs
    running: int | None = None  # jobs
    gflop_a_day: float | None = None  # price of what was dreamed or queued in the last 24 hours


@dataclass(frozen=True)
class Caps:
    """Bounds for each person, each server, and all together; and for each person in one server, a *member* of it."""

    person: Limits = Limits()
    server: Limits = Limits()
    whole: Limits = Limits()
    member: Limits = Limits()
    new_days: float = 0.0  # as long is an account new

    def within(self, of: GuildSettings) -> Caps:
        """Return the caps that hold in a server: its moderators' only make these narrower."""
        return replace(self, server=_narrower(self.server, _limits(of.server)), member=_limits(of.person))


def _limits(of: Bounds) -> Limits:
    return Limits(of.waiting, of.running, of.gflop_a_day)


def _narrower(one: Limits, other: Limits) -> Limits:
    return Limits(
        _least(one.waiting, other.waiting),
        _least(one.running, other.running),
        _least(one.gflop_a_day, other.gflop_a_day),
    )


def _least(one: N | None, other: N | None) -> N | None:
    return one if other is None else other if one is None else min(one, other)


@dataclass(frozen=True)
class Asker:
    """Whose quotas a job counts in: a person, and the server that it was asked for in."""

    person_id: int
    guild_id: int | None

    def scopes(self, caps: Caps) -> list[tuple[Scope, Limits, ColumnElement[bool]]]:
        """Return what bounds this asker, with the condition of the jobs that count there."""
        bounds: list[tuple[Scope, Limits, ColumnElement[bool]]] = [
            ("person", caps.person, JobRow.person_id == self.person_id)
        ]
        if self.guild_id is not None:
            here = JobRow.guild_id == self.guild_id
            bounds += [
                ("member", caps.member, and_(JobRow.person_id == self.person_id, here)),
                ("server", caps.server, here),
            ]
        return [*bounds, ("whole", caps.whole, JobRow.id.is_not(None))]

    def part_in(self, scope: Scope) -> Hashable:
        """Return whose part of ``scope`` this is: two with the same share a quota."""
        member = (self.person_id, self.guild_id)
        return {"person": self.person_id, "member": member, "server": self.guild_id, "whole": None}[scope]


class FullError(UserError):
    """A quota is used up. ``free_in_s`` is when it no longer is, None where only the queue knows."""

    def __init__(self, message: str, /, scope: Scope, free_in_s: float | None = None, **values: Value) -> None:
        super().__init__(message, **values)
        self.scope = scope
        self.free_in_s = free_in_s


_FULL: dict[Scope, str] = {
    "person": mark(
        "You have as many dreams waiting as one person may have at once ({count}): wait until one begins, or cancel "
        "one."
    ),
    "member": mark(
        "You have as many dreams waiting in this server as one person may have here at once ({count}): wait until one "
        "begins, or cancel one."
    ),
    "server": mark("This server has as many dreams waiting as one server may have at once ({count})."),
    "whole": mark("The queue is full: {count} dreams are waiting."),
}
_FEW: dict[Scope, str] = {
    "person": mark(
        "You asked for {wanted} dreams at once, and may have {left} more waiting: wait until one begins, or ask for "
        "fewer."
    ),
    "member": mark(
        "You asked for {wanted} dreams at once, and may have {left} more waiting in this server: wait until one "
        "begins, or ask for fewer."
    ),
    "server": mark(
        "You asked for {wanted} dreams at once, and this server may have {left} more waiting: ask for fewer."
    ),
    "whole": mark(
        "You asked for {wanted} dreams at once, and there are places for {left} in the queue: ask for fewer."
    ),
}
_SPENT: dict[Scope, str] = {
    "person": mark("You have dreamed as much as one person may in a day."),
    "member": mark("You have dreamed as much as one person may in this server in a day."),
    "server": mark("This server has dreamed as much as one server may in a day."),
    "whole": mark("I have dreamed as much as I may in a day."),
}
LAST_PLACES = mark(
    "The last places in the queue are kept for people who have no dream waiting and whose account is not new: please "
    "try again later."
)
TOO_DEAR = mark("This dream alone takes more than may be dreamed here in a day: choose a smaller size or fewer steps.")


async def check_places(session: AsyncSession, asker: Asker, caps: Caps, wanted: int) -> None:
    """Raise FullError where ``wanted`` more waiting jobs would be too many.

    Of the places that many share, some are kept for people who have none and whose account is not new.
    """
    for scope, limits, counted in asker.scopes(caps):
        if limits.waiting is None:
            continue
        where = and_(JobRow.state.in_(WAITING), counted)
        count = await session.scalar(select(func.count()).select_from(JobRow).where(where)) or 0
        left = limits.waiting - count
        if 0 < left < wanted:
            raise FullError(_FEW[scope], scope, wanted=wanted, left=left)
        if left < wanted:
            raise FullError(_FULL[scope], scope, count=count)
        kept = int(KEPT * limits.waiting) if scope in ("server", "whole") else 0
        if left - wanted < kept and not await _comes_quietly(session, asker, caps):
            raise FullError(LAST_PLACES, scope)


async def _comes_quietly(session: AsyncSession, asker: Asker, caps: Caps) -> bool:
    waiting = select(JobRow.id).where(JobRow.state.in_(WAITING), JobRow.person_id == asker.person_id).limit(1)
    return not is_new(asker.person_id, caps.new_days) and await session.scalar(waiting) is None


async def check_day(session: AsyncSession, asker: Asker, caps: Caps, cost: float | None) -> None:
    """Raise FullError where a job of ``cost`` GFLOP is more than the rest of a day's quota, UserError where of any.

    With None, for a job whose price is not known yet: where nothing is left at all.
    """
    for scope, limits, counted in asker.scopes(caps):
        bound = limits.gflop_a_day
        if bound is None:
            continue
        if cost is not None and cost > bound:
            raise UserError(TOO_DEAR)
        spent = await _spent(session, asker, scope, counted)
        used = await session.scalar(select(func.sum(spent.c.cost))) or 0.0
        if used + cost > bound if cost is not None else used >= bound:
            raise FullError(_SPENT[scope], scope, await _free_in_s(session, spent, used + (cost or 0.0) - bound))


async def _spent(session: AsyncSession, asker: Asker, scope: Scope, counted: ColumnElement[bool]) -> Subquery:
    """Return when and what was dreamed in a day that counts in ``scope``, by people who are forgotten too."""
    jobs = select(JobRow.created_at, JobRow.cost).where(lately(JobRow.created_at, DAY_S), counted, COUNTS)
    salt = await session.scalar(select(SaltRow.salt))
    if salt is None:  # nobody was ever forgotten
        return jobs.subquery()
    mine, here = ForgottenCostRow.who == hashed(salt, asker.person_id), ForgottenCostRow.guild_id == asker.guild_id
    theirs = {
        "person": mine,
        "member": and_(mine, here),
        "server": here,
        "whole": true(),
    }[scope]
    day = lately(ForgottenCostRow.created_at, DAY_S)
    return union_all(jobs, select(ForgottenCostRow.created_at, ForgottenCostRow.cost).where(day, theirs)).subquery()


async def _free_in_s(session: AsyncSession, spent: Subquery, excess: float) -> float:
    """Return in how many seconds jobs of at least ``excess`` GFLOP are a day old."""
    now = (await session.scalars(select(moment()))).one()
    freed, at = 0.0, now
    for created_at, cost in await session.execute(
        select(spent.c.created_at, spent.c.cost).order_by(spent.c.created_at)
    ):
        freed, at = freed + cost, created_at + timedelta(seconds=DAY_S)
        if freed > 0 and freed >= excess:
            break
    return max(0.0, (at - now).total_seconds())


# What was given up before it was begun took nothing, and what failed is not the person's to pay.
COUNTS = or_(
    JobRow.state.in_({State.QUEUED, State.RUNNING, State.DREAMED}),
    and_(JobRow.state == State.CANCELLED, JobRow.attempt > 0),
)


def _live() -> ColumnElement[bool]:
    return and_(JobRow.state == State.RUNNING, ~is_free())


async def may_run_more(session: AsyncSession, caps: Caps) -> bool:
    """Tell whether all together may have one more job running."""
    if caps.whole.running is None:
        return True
    running = await session.scalar(select(func.count()).select_from(JobRow).where(_live())) or 0
    return running < caps.whole.running


def below_running_caps(caps: Caps) -> list[ColumnElement[bool]]:
    """Return conditions that pass over the jobs of people and servers that have as many running as they may."""

    def at_cap(column: SQLCoreOperations[int | None], bound: int) -> ColumnElement[bool]:
        full = select(column).where(_live(), column.is_not(None)).group_by(column).having(func.count() >= bound)
        return or_(column.is_(None), column.not_in(full))

    conditions = []
    if caps.person.running is not None:
        conditions.append(at_cap(JobRow.person_id, caps.person.running))
    if caps.server.running is not None:
        conditions.append(at_cap(JobRow.guild_id, caps.server.running))
    return conditions


def below_running_caps_of_guilds() -> list[ColumnElement[bool]]:
    """Return conditions that pass over the jobs of servers, and of people in them, by what each server has settled."""

    def at_cap(whose: str, *columns: SQLCoreOperations[int | None]) -> ColumnElement[bool]:
        bound = GuildRow.settings[(whose, "running")].as_integer()
        full = (
            select(*columns)
            .join(GuildRow, GuildRow.guild_id == JobRow.guild_id)
            .where(_live(), bound.is_not(None))
            .group_by(*columns)
            .having(func.count() >= func.max(bound))  # which is one and the same in a server
            .correlate(None)
        )
        return or_(JobRow.guild_id.is_(None), tuple_(*columns).not_in(full))

    return [at_cap("server", JobRow.guild_id), at_cap("person", JobRow.guild_id, JobRow.person_id)]
