"""What the command does beside running the bot: with its database and pictures, and no connection to Discord."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot import logs, resources
from bot.errors import UserError
from bot.gallery.transfer import Show, Transfer, TransferError
from bot.intake.decoder import Decoder
from bot.jobs import museum
from bot.jobs.upkeep import AT_ONCE
from bot.settings import Settings
from bot.setup import backup
from bot.store import downgrade as down
from bot.store.admin.takedowns import Takedowns
from bot.store.downgrade import Step
from bot.store.errors import StoreError
from bot.store.gallery.leaving import Leavings
from bot.store.gallery.moving import Moving
from bot.store.guilds import GuildStore
from bot.store.opening import opened


def forget_server(settings: Settings, guild_id: int) -> int:
    """Forget a server's gallery, its settings and who changed them; returns the exit code."""

    async def forget() -> None:
        async with opened(resources.database_url(settings)) as database:
            images = await resources.images_of(settings, database)
            await museum.forget_server(guild_id, Leavings(database), GuildStore(database), images, AT_ONCE)

    return done(forget)


def export_gallery(settings: Settings, guild_id: int, out: Path) -> int:
    """Write a server's gallery to a file; returns the exit code."""

    async def export() -> None:
        async with _transfer(settings) as transfer:
            with shown("Exporting") as show:
                count = await transfer.export(guild_id, out, show)
        click.echo(f"{_entries(count)} of server {guild_id} {'is' if count == 1 else 'are'} in {out}.")

    return done(export)


def import_gallery(settings: Settings, file: Path, guild_id: int | None) -> int:
    """Put a file's gallery into a server's; returns the exit code."""

    async def take_in() -> None:
        decoder = Decoder(children=1)
        try:
            async with _transfer(settings) as transfer:
                with shown("Importing") as show:
                    done = await transfer.take_in(file, decoder, show, guild_id)
        finally:
            await decoder.stop()
        there = f"; {_entries(done.known)} had come before" if done.known else ""
        there += f"; {_entries(done.refused)} stayed out, taken down before" if done.refused else ""
        click.echo(f"{_entries(done.new)} came into the gallery of server {done.guild_id}{there}.")

    return done(take_in)


def back_up(settings: Settings, out: Path) -> int:
    """Write database and pictures to a file; returns the exit code."""

    async def write() -> None:
        with shown("Copying") as show:
            done = await backup.back_up(settings, out, show)
        gone = f"; {done.gone} were gone before they were copied" if done.gone else ""
        click.echo(f"The database and {done.objects} pictures are in {out}{gone}. Keep it as safe as the database.")

    return done(write)


def restore(settings: Settings, file: Path) -> int:
    """Put a backup into an empty data folder; returns the exit code."""

    async def put_back() -> None:
        with shown("Restoring") as show:
            count = await backup.restore(settings, file, show)
        click.echo(f"The database and {count} pictures are back. The bot's next start brings the schema up to date.")

    return done(put_back)


def downgrade(settings: Settings, *, yes: bool) -> int:
    """Take the database's schema one revision back, once somebody has agreed; returns the exit code."""

    def agreed(step: Step) -> bool:
        click.echo(f"From revision {step.here} back to {step.there}, for an older version (CHANGELOG.md names each's).")
        click.echo(f"Lost for good: {step.loses}." if step.loses else "Nothing is lost that a start does not find out.")
        return yes or click.confirm("Go on?")

    async def step_back() -> None:
        step = await down.downgrade(resources.database_url(settings), agreed)
        if step is None:
            click.echo("Nothing was changed.")
            return
        kept = f" As it was, it is kept in {step.copy}." if step.copy is not None else ""
        click.echo(f"The database is at revision {step.there}.{kept} This version's next start brings it up again.")

    return done(step_back)


@asynccontextmanager
async def _transfer(settings: Settings) -> AsyncIterator[Transfer]:
    async with opened(resources.database_url(settings)) as database:
        images = await resources.images_of(settings, database)
        yield Transfer(Moving(database), GuildStore(database), images, Takedowns(database))


def done(errand: Callable[[], Awaitable[None]]) -> int:
    logs.set_up("INFO", [])

    async def run() -> int:
        try:
            await errand()
        except (StoreError, resources.StartError, TransferError, UserError) as error:
            click.echo(error, err=True)
            return 1
        return 0

    return asyncio.run(run())


@contextmanager
def shown(what: str) -> Iterator[Show]:
    """Show how many entries are done: a bar in a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True, highlight=False, markup=False)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"
