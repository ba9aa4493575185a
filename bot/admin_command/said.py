"""What the commands of ``oneiros admin`` have in common: options, the database, and how things are said."""

from __future__ import annotations

import getpass
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, NoReturn, ParamSpec

import click

from bot import errands, resources
from bot.admin_moments import Moment, written
from bot.regime import LONGEST_REASON, Block
from bot.settings_file import of_command
from bot.store.admin.acts import By
from bot.store.database import Database
from bot.store.opening import opened_beside

P = ParamSpec("P")

ID = click.IntRange(min=1)
as_json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON, for machines.")
until_option = click.option("--until", type=Moment(), help="Until when: 12h, 3d, 2026-12-24T18:00; else for good.")


def sentence_of(most: int) -> Callable[[click.Context, click.Parameter, str], str]:
    """Return what takes a sentence of at most ``most`` characters."""

    def taken(_: click.Context, __: click.Parameter, value: str) -> str:
        text = " ".join(value.split())
        if not 0 < len(text) <= most:
            raise click.BadParameter(f"write a sentence of at most {most} characters: people read it")
        return text

    return taken


reason_option = click.option(
    "--reason", required=True, callback=sentence_of(LONGEST_REASON), help="Whoever is told reads it."
)


def with_database(command: Callable[Concatenate[Database, P], Awaitable[None]]) -> Callable[P, None]:
    """Let a command have the database, beside a bot that works with it or alone; what it cannot do ends it."""

    @wraps(command)
    def run(*args: P.args, **options: P.kwargs) -> None:
        settings = of_command()

        async def errand() -> None:
            async with opened_beside(resources.database_url(settings)) as database:
                await command(database, *args, **options)

        code = errands.done(errand)
        if code:
            raise SystemExit(code)

    return run


def whoever() -> By:
    """Return who acts: who is logged in here."""
    return By(login=getpass.getuser()[:64])


def fail(sentence: str) -> NoReturn:
    """End the command with a sentence and exit code 1."""
    raise click.ClickException(sentence)


def say_rows(rows: list[dict[str, Any]], line: Callable[[dict[str, Any]], str], none: str, *, as_json: bool) -> None:
    """Write rows, a line each; ``none`` is said where there are none."""
    if as_json:
        for row in rows:
            click.echo(json.dumps(row))
    else:
        click.echo("\n".join(map(line, rows)) or none)


def block_as_json(block: Block | None) -> dict[str, str | bool | None] | None:
    """Return a block as JSON has it."""
    if block is None:
        return None
    until = None if block.until is None else block.until.isoformat()
    return {"reason": block.reason, "until": until, "over": not block.holds}


def block_words(block: dict[str, Any] | None) -> str:
    """Say why and until when somebody is shut out, out of JSON."""
    if block is None:
        return ""
    until = "" if block["until"] is None else until_words(datetime.fromisoformat(block["until"]))
    return f"; shut out{until}{' (over)' if block['over'] else ''}: {block['reason']}"


def until_words(moment: datetime | None) -> str:
    """Say until when, if there is an end."""
    return "" if moment is None else f" until {written(moment)}"


def ended_words(count: int) -> str:
    """Say how many dreams have ended."""
    return f"{count} dream{'' if count == 1 else 's'} under way ended."
