"""``oneiros admin reports``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from bot.admin_command.said import ID, as_json_option, say_rows, whoever, with_database
from bot.admin_moments import written
from bot.store.admin.regimes import Regimes
from bot.store.admin.reports import Reports
from bot.store.database import Database
from bot.views.wording import address


@click.group("reports")
def reports_group() -> None:
    """What people report to you (*Report dream* in a message's menu)."""


@reports_group.command("list")
@as_json_option
@with_database
async def list_reports(database: Database, *, as_json: bool) -> None:
    """List the reports that wait to be decided, the oldest first."""
    rows = [
        {
            "id": one.id,
            "at": one.at.isoformat(),
            "by": one.person_id,
            "dreamer": one.about_id,
            "message": address(one.guild_id, one.channel_id, one.message_id),
            "reason": one.reason,
        }
        for one in await Reports(database).undecided()
    ]
    say_rows(rows, _line, "No report waits.", as_json=as_json)


@reports_group.command("channel")
@click.argument("channel", type=ID)
@with_database
async def to_channel(database: Database, channel: int) -> None:
    """Have reports posted in a channel (its id) that the bot may write in, with buttons to decide them."""
    await Regimes(database).report_to(channel, whoever())
    click.echo(f"Reports are posted in channel {channel}.")


@reports_group.command("no-channel")
@with_database
async def to_none(database: Database) -> None:
    """Have reports posted nowhere: they are still listed here."""
    await Regimes(database).report_to(None, whoever())
    click.echo("Reports are posted nowhere.")


def _line(row: dict[str, Any]) -> str:
    at = written(datetime.fromisoformat(row["at"]))
    people = f"dreamed by {row['dreamer'] or '?'}, reported by {row['by'] or '?'}"
    return f"{row['id']}  {at}  {row['message']}  {people}: {row['reason']}"
