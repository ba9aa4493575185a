"""``oneiros admin takedown`` and ``takedowns``."""

from __future__ import annotations

import json

import click

from bot import app
from bot.admin_command.naming import NothingNamedError, target_of
from bot.admin_command.said import as_json_option, fail, reason_option, say_rows, whoever, with_database
from bot.admin_moments import written
from bot.errors import UserError
from bot.images.objects import OutOfReachError
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.jobs.results import Results
from bot.settings_file import of_command
from bot.store.admin.spread import Spread
from bot.store.admin.takedowns import Known, Takedown, Takedowns
from bot.store.database import Database


@click.command()
@click.argument("target")
@reason_option
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json_option
@with_database
async def takedown(database: Database, target: str, reason: str, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Take a picture down everywhere, with all that was dreamed from it, and refuse it from then on.

    TARGET is a message's link, the link of a gallery's page, job:41, entry:41, a SHA-256, or a picture file.
    """
    takedowns, decoder = Takedowns(database), Decoder(children=1)
    try:
        images = await app.images_of(of_command(), database)
        found = await target_of(target, takedowns, images, decoder)
        spread = await takedowns.spread(found.named)
        if dry_run:
            _tell(spread, "would go", as_json=as_json)
            return
        if not yes:
            click.confirm(f"{_words(spread)} go, and cannot be brought back. Go on?", abort=True, err=True)
        known = await _known(spread, found.known, images, decoder)
        number, took = await takedowns.take_down(found.named, known, reason, whoever())
        kept = await _discard(took, images)
        _tell(took, "went", as_json=as_json, number=number)
        if kept:
            click.echo(f"{kept} of the pictures are deleted within a day: they could not be now.", err=True)
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


@takedowns_group.command("undo")
@click.argument("number", type=click.IntRange(min=1))
@with_database
async def undo(database: Database, number: int) -> None:
    """Let what was taken down as NUMBER be sent again. What was deleted stays deleted."""
    if not await Takedowns(database).put_back(number, whoever()):
        fail(f"There is no takedown {number} that holds.")
    click.echo(f"What takedown {number} refused may be sent again. What it deleted stays deleted.")


async def _known(spread: Spread, known: Known, images: ImageStore, decoder: Decoder) -> Known:
    """Return by what all pictures that go are known again; by their looks only those that show the picture itself."""
    digests, imprints = set(known.digests), list(known.imprints)
    for hash_ in sorted(spread.pictures):
        try:
            looks = await decoder.imprint(await images.get(hash_), windows=hash_ in spread.photos)
        except UserError:  # its bytes are gone: its hash says what it was
            continue
        digests.add(looks.sha256)
        if hash_ in spread.photos:
            imprints.append(looks.imprints)
    return Known(frozenset(digests), tuple(imprints))


async def _discard(spread: Spread, images: ImageStore) -> int:
    """Delete pictures, and what names the results of dreams; return how many are left to the sweep."""
    kept, results = 0, Results(images)
    for hash_ in spread.pictures:
        try:
            await images.discard(hash_)
        except OutOfReachError:  # nothing refers to it any more
            kept += 1
    for job_id in spread.jobs:
        try:
            await results.forget(job_id)
        except OutOfReachError:  # the upkeep does it with the job's row
            continue
    return kept


def _tell(spread: Spread, what: str, *, as_json: bool, number: int | None = None) -> None:
    if as_json:
        told = {name: len(getattr(spread, name)) for name in ("pictures", "jobs", "entries", "presets")}
        click.echo(json.dumps({"takedown": number, **told}))
        return
    click.echo(f"{_words(spread)} {what}." + ("" if number is None else f" It is takedown {number}."))
    if number is not None:
        click.echo("Messages that show it are changed within a minute, where the bot may; it is refused from now on.")


def _words(spread: Spread) -> str:
    counts = (
        (len(spread.pictures), "picture"),
        (len(spread.jobs), "dream"),
        (len(spread.entries), "gallery entry"),
        (len(spread.presets), "preset"),
    )
    return ", ".join(f"{count} {_plural(word, count)}" for count, word in counts)


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word.removesuffix('y')}ies" if word.endswith("y") else f"{word}s"


def _line(one: Takedown) -> str:
    over = "" if one.undone_at is None else f"; undone {written(one.undone_at)}"
    took = f"{one.pictures} pictures, {one.dreams} dreams, {one.entries} entries, {one.presets} presets"
    return f"{one.id}  {written(one.at)}  {took}{over}: {one.reason}"


def _when(one: Takedown) -> str | None:
    return None if one.undone_at is None else one.undone_at.isoformat()
