"""``oneiros admin pause``, ``resume``, ``status`` and ``log``."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from bot.admin_command.said import (
    as_json_option,
    fail,
    say_rows,
    sentence_of,
    until_option,
    until_words,
    whoever,
    with_database,
)
from bot.admin_moments import written
from bot.regime import LONGEST_NOTICE
from bot.store.admin.acts import AdminActs
from bot.store.admin.regimes import Regimes
from bot.store.database import Database
from bot.store.jobs import JobStore

SHOWN = 30  # lines of the log


@click.command()
@click.argument("notice", callback=sentence_of(LONGEST_NOTICE))
@until_option
@with_database
async def pause(database: Database, notice: str, until: datetime | None) -> None:
    """Take no new dreams, and say NOTICE to who asks for one. What was sent before goes on."""
    await Regimes(database).pause(notice, until, whoever())
    click.echo(
        f"No new dreams are taken{until_words(until)}. What was sent before goes on: {await _under_way(database)}."
    )


@click.command()
@with_database
async def resume(database: Database) -> None:
    """Take new dreams again."""
    if not await Regimes(database).resume(whoever()):
        fail("There is no pause.")
    click.echo("New dreams are taken again.")


@click.command()
@as_json_option
@with_database
async def status(database: Database, *, as_json: bool) -> None:
    """Tell what is settled, and what is under way."""
    regime, _ = await Regimes(database).get()
    people = await Regimes(database).people()
    counts = await JobStore(database).live_counts()
    paused = regime.paused
    told = {
        "paused": paused is not None,
        "notice": paused.notice if paused is not None else None,
        "until": paused.until.isoformat() if paused is not None and paused.until is not None else None,
        "listed_only": regime.listed_only,
        "leave_others": regime.leave_others,
        "allowed": sorted(regime.allowed),
        "blocked_servers": sorted(one for one, block in regime.servers.items() if block.holds),
        "blocked_people": sum(one.block.holds for one in people),
        "under_way": sum(counts.values()),
    }
    if as_json:
        click.echo(json.dumps(told))
        return
    click.echo(
        "New dreams are taken."
        if paused is None
        else f"Paused since {written(paused.since)}{until_words(paused.until)}: {paused.notice}"
    )
    click.echo(f"The allow-list is {_on(regime.listed_only)}; servers on it: {len(regime.allowed)}.")
    blocked = len(told["blocked_servers"])  # type: ignore[arg-type]
    click.echo(f"Shut out: servers {blocked}, people {told['blocked_people']}.")
    click.echo(f"Under way: {await _under_way(database)}.")


@click.command("log")
@click.option("--limit", type=click.IntRange(1, 10_000), default=SHOWN, show_default=True)
@as_json_option
@with_database
async def show_log(database: Database, limit: int, *, as_json: bool) -> None:
    """Show what was done by operators, the newest first."""
    rows = [
        {
            "at": one.at.isoformat(),
            "by": one.by.login or one.by.person_id,
            "act": one.act,
            "person": one.person_id,
            "server": one.guild_id,
            "reason": one.reason,
        }
        for one in await AdminActs(database).newest(limit)
    ]
    say_rows(rows, _log_line, "Nothing was done yet.", as_json=as_json)


def _log_line(row: dict[str, Any]) -> str:
    about = [f"person {row['person']}" if row["person"] else "", f"server {row['server']}" if row["server"] else ""]
    words = " ".join(filter(None, [row["act"], *about]))
    reason = f": {row['reason']}" if row["reason"] else ""
    return f"{written(datetime.fromisoformat(row['at']))}  {row['by']}  {words}{reason}"


def _on(is_on: bool) -> str:
    return "on" if is_on else "off"


async def _under_way(database: Database) -> str:
    count = sum((await JobStore(database).live_counts()).values())
    return f"{count} dream{'' if count == 1 else 's'}"
