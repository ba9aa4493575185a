"""The command ``oneiros``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from bot.settings import SETTINGS_FILE, Settings
from bot.settings_file import of_command, present, read


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="oneiros")
@click.option(
    "--settings",
    "file",
    envvar="ONEIROS_SETTINGS",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"The settings file; by default {SETTINGS_FILE} in this folder, where it is.",
)
@click.pass_context
def main(context: click.Context, file: Path | None) -> None:
    """Oneiros: a DeepDream bot for Discord, and its engine."""
    context.obj = file


@main.command()
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that holds the bot's token; it is named in the settings, and stays where it is.",
)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="The folder for database and pictures.")
@click.option("--devices", help="Where to dream: auto, cpu, cuda:0, …")
@click.option("--yes", is_flag=True, help="Ask nothing: what is not named is as by default.")
@click.pass_obj
def init(file: Path | None, token_file: Path | None, data: Path | None, devices: str | None, yes: bool) -> None:
    """Write the settings file, and print the link that invites the bot."""
    from bot.setup import init as at

    _end(at.init(file or SETTINGS_FILE, at.Answers(token_file, data, devices, yes), read(None)))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Write for machines: a JSON object a check, each on a line.")
@click.pass_obj
def doctor(file: Path | None, as_json: bool) -> None:
    """Check token, clock, database, pictures, networks, GPUs, disk and memory, and say what to do."""
    from bot.setup import doctor as at

    file = present(file)
    _end(at.doctor(read(file), file, as_json=as_json))


@main.command()
@click.option("--log-level", default="INFO", show_default=True, type=click.Choice(["DEBUG", "INFO", "WARNING"]))
def run(log_level: str) -> None:
    """Run the bot; needs DISCORD_TOKEN or DISCORD_TOKEN_FILE, in the environment or the settings file."""
    from bot import app

    _end(asyncio.run(app.run(of_command(), log_level)))


@main.command()
@click.option("--log-level", default="INFO", show_default=True, type=click.Choice(["DEBUG", "INFO", "WARNING"]))
def web(log_level: str) -> None:
    """Serve the galleries' pages alone, beside the bot; needs WEB_PORT, and no token."""
    from bot import app

    _end(asyncio.run(app.serve_pages(of_command(), log_level)))


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

    _end(asyncio.run(app.upgrade_only(of_command())))


@db.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(yes: bool) -> None:
    """Take the database's schema one revision back, for an older version; the bot must be stopped.

    It says what is lost, and asks. An existing SQLite file is copied first.
    """
    from bot import errands

    _end(errands.downgrade(of_command(), yes=yes))


@db.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def backup(out: Path) -> None:
    """Write the database and its pictures to OUT, a zip file, while the bot runs or not. For SQLite.

    It holds what people entrusted to the bot: keep it as safe as the database.
    """
    from bot import errands

    _end(errands.back_up(of_command(), out))


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put the backup FILE into an empty DATA_DIR; the bot must be stopped."""
    from bot import errands

    _end(errands.restore(of_command(), file))


@db.command("forget-server")
@click.argument("server", type=click.IntRange(min=1))
def forget_server(server: int) -> None:
    """Forget a server (its id) at once: its gallery, what its moderators settled, who did what.

    On SQLite the bot must be stopped.
    """
    from bot import errands

    _end(errands.forget_server(of_command(), server))


@main.group()
def gallery() -> None:
    """The servers' galleries. On SQLite the bot must be stopped; on PostgreSQL it may run."""


@gallery.command("export")
@click.argument("server", type=click.IntRange(min=1))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def export_gallery(server: int, out: Path) -> None:
    """Write the gallery of a server (its id) to OUT, a zip file: entries, votes, settings, bars and pictures.

    It names people by their Discord ids: keep it as safe as the database.
    """
    from bot import errands

    _end(errands.export_gallery(of_command(), server, out))


@gallery.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--server", type=click.IntRange(min=1), help="Into the gallery of this server; by default, its own.")
def import_gallery(file: Path, server: int | None) -> None:
    """Put the gallery of FILE, which an export wrote, into this bot's database and pictures.

    What is there already stays as it is: importing twice changes nothing.
    """
    from bot import errands

    _end(errands.import_gallery(of_command(), file, server))


@main.command("settings")
@click.option("--markdown", is_flag=True, help="As the table of docs/running.md.")
def settings_table(markdown: bool) -> None:
    """Print every setting with its default."""
    rows = [
        (name.upper(), "–" if field.default in (None, frozenset(), ()) else str(field.default), field.description)
        for name, field in Settings.model_fields.items()
    ]
    if markdown:
        click.echo("| setting | default | what it says |\n|---|---|---|")
    for name, default, meaning in rows:
        plain = f"{name:24} {default:50} {meaning}"
        click.echo(f"| `{name}` | `{default}` | {meaning} |".replace("`–`", "–") if markdown else plain)


class Later(click.Group):
    """Commands that are loaded when somebody asks for them: they need the database."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the library's
        """Name them."""
        return list(_admin_commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return one."""
        return _admin_commands().get(cmd_name)


def _admin_commands() -> dict[str, click.Command]:
    from bot.admin_command import COMMANDS

    return COMMANDS


@main.group(cls=Later)
def admin() -> None:
    """Who may use the bot, and whether it takes dreams. Running bots heed it within seconds."""


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
