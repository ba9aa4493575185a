"""The command ``oneiros``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from bot.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="oneiros")
def main() -> None:
    """Oneiros: a DeepDream bot for Discord, and its engine."""


@main.command()
@click.option("--log-level", default="INFO", show_default=True, type=click.Choice(["DEBUG", "INFO", "WARNING"]))
def run(log_level: str) -> None:
    """Run the bot; needs DISCORD_TOKEN or DISCORD_TOKEN_FILE."""
    from bot import app

    _end(asyncio.run(app.run(_settings(), log_level)))


@main.command()
@click.option("--once", is_flag=True, help="End after one dream; exit code 0 only if it came back through the chat.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("dreamed.png"), show_default=True)
@click.option(
    "--image",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The photo; by default, a cup of coffee.",
)
@click.option("--port", default=0, help="Port of the chat page on loopback; 0 takes a free one.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=Path("data/demo"), show_default=True)
def demo(once: bool, out: Path, image: Path | None, port: int, data: Path) -> None:
    """Start a loopback Discord and the bot connected to it, and dream one picture there."""
    from bot import demo as show

    _end(asyncio.run(show.run(once=once, out=out, image=image, port=port, data=data)))


@main.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the database's schema up to date; an existing SQLite file is copied first."""
    from bot import app

    _end(asyncio.run(app.upgrade_only(_settings())))


@main.command("settings")
def settings_table() -> None:
    """Print every setting with its default."""
    for name, field in Settings.model_fields.items():
        default = "–" if field.default is None else field.default
        click.echo(f"{name.upper():24} {default!s:50} {field.description}")


def _settings() -> Settings:
    try:
        return Settings()
    except ValueError as error:
        raise click.ClickException(f"The settings cannot be used: {error}") from error


def _end(code: int) -> None:
    if code:
        sys.exit(code)


def _add_engine() -> None:
    # The engine's own commands (dream, networks) are ours too: `oneiros dream photo.jpg -o out.png`.
    from engine.cli import main as engine

    for name, command in engine.commands.items():
        main.add_command(command, name)


_add_engine()

if __name__ == "__main__":
    main()
