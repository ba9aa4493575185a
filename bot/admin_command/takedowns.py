"""``oneiros admin takedown`` and ``takedowns``."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from bot import resources
from bot.admin.removal import Removal
from bot.admin_command.naming import NothingNamedError, target_of
from bot.admin_command.said import as_json_option, fail, reason_option, say_rows, whoever, with_database
from bot.admin_moments import written
from bot.intake.decoder import Decoder
from bot.settings_file import of_command
from bot.store.admin.left import LeftStore
from bot.store.admin.spread import Spread
from bot.store.admin.takedowns import Takedown, Takedowns
from bot.store.database import Database
from bot.views.wording import address


@click.command()
@click.argument("target")
@reason_option
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json_option
@with_database
async def takedown(database: Database, target: str, reason: str, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Take a picture down everywhere, with all that was dreamed from it, and refuse it from then on.

    TARGET is a message's link, the link of a gallery's page, job:41, entry:41, a SHA-256, or a file.
    """
    takedowns, decoder = Takedowns(database), Decoder(children=1)
    try:
        images = await resources.images_of(of_command(), database)
        found = await target_of(target, takedowns, images, decoder)
        spread = await takedowns.spread(found.named)
        if dry_run:
            _tell(spread, "would go", as_json=as_json)
            return
        if not yes:
            click.confirm(f"{_words(spread)} go, and cannot be brought back. Go on?", abort=True, err=True)
        removed = await Removal(takedowns, images, decoder).take_down(found.named, reason, whoever(), found.known)
        _tell(removed.spread, "went", as_json=as_json, number=removed.number)
        if removed.kept:
            click.echo(f"{removed.kept} of the pictures are deleted within a day: they could not be now.", err=True)
    except NothingNamedError as error:
        fail(str(error))
    finally:
        await decoder.stop()


@click.group("takedowns")
def takedowns_group() -> None:
    """What was taken down."""


@takedowns_group.command("list")
@as_json_option
@with_database
async def list_takedowns(database: Database, *, as_json: bool) -> None:
    """List what was taken down, the newest first. No picture is kept."""
    found = {one.id: one for one in await Takedowns(database).all()}
    rows = [{**vars(one), "at": one.at.isoformat(), "undone_at": _when(one)} for one in found.values()]
    say_rows(rows, lambda row: _line(found[row["id"]]), "Nothing was taken down.", as_json=as_json)


@takedowns_group.command("left")
@as_json_option
@with_database
async def list_left(database: Database, *, as_json: bool) -> None:
    """List messages that may still show what was taken down: the bot may not change them, or could not yet."""
    rows = [
        {
            "message": address(one.guild_id, one.channel_id, one.message_id),
            "refused": one.refused,
            "since": one.since.isoformat(),
        }
        for one in await LeftStore(database).all()
    ]
    say_rows(rows, _left_line, "No message is left.", as_json=as_json)


@takedowns_group.command("undo")
@click.argument("number", type=click.IntRange(min=1))
@with_database
async def undo(database: Database, number: int) -> None:
    """Let what was taken down as NUMBER be sent again. What was deleted stays deleted."""
    if not await Takedowns(database).put_back(number, whoever()):
        fail(f"There is no takedown {number} that holds.")
    click.echo(f"What takedown {number} refused may be sent again. What it deleted stays deleted.")


def _tell(spread: Spread, what: str, *, as_json: bool, number: int | None = None) -> None:
    if as_json:
        told = {name: len(getattr(spread, name)) for name in ("pictures", "jobs", "entries", "copies", "presets")}
        click.echo(json.dumps({"takedown": number, **told}))
        return
    click.echo(f"{_words(spread)} {what}." + ("" if number is None else f" It is takedown {number}."))
    if number is not None:
        click.echo(
            "Messages that show it are changed or deleted within a minute; where the bot may not, oneiros admin "
            "takedowns left lists them. It is refused from now on."
        )


def _words(spread: Spread) -> str:
    counts = (
        (len(spread.pictures), "picture"),
        (len(spread.jobs), "dream"),
        (len(spread.entries), "gallery entry"),
        (len(spread.copies), "shared copy"),
        (len(spread.presets), "preset"),
    )
    return ", ".join(f"{count} {_plural(word, count)}" for count, word in counts)


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word.removesuffix('y')}ies" if word.endswith("y") else f"{word}s"


def _line(one: Takedown) -> str:
    over = "" if one.undone_at is None else f"; undone {written(one.undone_at)}"
    took = f"{one.pictures} pictures, {one.dreams} dreams, {one.entries} entries, {one.copies} copies"
    return f"{one.id}  {written(one.at)}  {took}, {one.presets} presets{over}: {one.reason}"


def _left_line(row: dict[str, Any]) -> str:
    how = "the bot may not delete it" if row["refused"] else "not yet"
    return f"{row['message']}  since {written(datetime.fromisoformat(row['since']))}, {how}"


def _when(one: Takedown) -> str | None:
    return None if one.undone_at is None else one.undone_at.isoformat()
