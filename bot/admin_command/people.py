"""``oneiros admin people``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from bot.admin_command.said import (
    ID,
    as_json_option,
    block_as_json,
    block_words,
    ended_words,
    fail,
    reason_option,
    say_rows,
    until_option,
    until_words,
    whoever,
    with_database,
)
from bot.regime import Block
from bot.store.admin.regimes import Regimes
from bot.store.database import Database


@click.group("people")
def people_group() -> None:
    """Who may use the bot."""


@people_group.command("list")
@as_json_option
@with_database
async def list_people(database: Database, *, as_json: bool) -> None:
    """List who is shut out."""
    rows = [
        {"id": one.person_id, "since": one.since.isoformat(), **(block_as_json(one.block) or {})}
        for one in await Regimes(database).people()
    ]
    say_rows(rows, _person_line, "Nobody is shut out.", as_json=as_json)


@people_group.command("block")
@click.argument("person", type=ID)
@reason_option
@until_option
@with_database
async def block_person(database: Database, person: int, reason: str, until: datetime | None) -> None:
    """Shut somebody (their id) out: they are told why, and their dreams under way end. /privacy stays theirs."""
    count = await Regimes(database).block_person(person, Block(reason, until), whoever())
    click.echo(f"{person} is shut out{until_words(until)}. {ended_words(count)}")


@people_group.command("unblock")
@click.argument("person", type=ID)
@with_database
async def unblock_person(database: Database, person: int) -> None:
    """Let somebody (their id) in again."""
    if not await Regimes(database).unblock_person(person, whoever()):
        fail(f"{person} was not shut out.")
    click.echo(f"{person} is let in again.")


def _person_line(row: dict[str, Any]) -> str:
    return f"{row['id'] or 'somebody who was forgotten'}{block_words(row)}"
