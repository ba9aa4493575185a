"""``oneiros init``: the few questions, and the settings file that comes of them."""

from __future__ import annotations

import asyncio
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from bot.pool.devices import devices_of
from bot.pool.interface import PoolError
from bot.resources import StartError
from bot.settings import SETTINGS_FILE, Settings
from bot.setup.application import Application, NotReachedError, ask, invite_link

FILE = """# Settings of Oneiros, which `oneiros run` reads in this folder; or: oneiros --settings FILE run
# What the environment says counts more. `oneiros settings` prints every setting, with its default and meaning.
# AWS_… and the like belong into the environment.

# The bot's token, which is as good as a password: keep this file to yourself.
{token}

# The folder for the database and the pictures.
DATA_DIR={data_dir}

# Where this machine dreams, a worker each: auto (every GPU, else the CPU), or cpu, cuda:0, …
DEVICES={devices}

# What is often settled next:
#DREAM_SIZE=768
#MAX_QUEUED_PER_PERSON=5
#RETENTION_DAYS=30
#PRIVACY_URL=https://…
"""


@dataclass(frozen=True)
class Answers:
    """What was said on the command line; None: to be asked for, or with ``yes`` as it is by default."""

    token_file: Path | None
    data_dir: Path | None
    devices: str | None
    yes: bool


def init(file: Path, answers: Answers, settings: Settings) -> int:
    """Ask what is left to ask, write the settings file, and return the exit code.

    ``settings`` are the environment's: they say where Discord is.
    """
    try:
        _init(file, answers, settings)
    except (StartError, PoolError) as error:
        click.echo(error, err=True)
        return 1
    return 0


def _init(file: Path, answers: Answers, settings: Settings) -> None:
    if file.exists():
        if answers.yes:
            raise StartError(f"{file} is there already: move it away, or name another with --settings.")
        if not click.confirm(f"{file} is there already. Write it anew?"):
            raise StartError(f"{file} stays as it is.")
    token, named = _token(answers)
    application = _application(settings, token)
    data_dir = (
        answers.data_dir or Path(_asked("Where to keep the database and the pictures", "data", answers))
    ).resolve()
    _try_folder(data_dir)
    devices = asyncio.run(_devices(answers))
    _write(file, FILE.format(token=named, data_dir=_quoted(str(data_dir)), devices=devices))
    click.echo(f"The settings are in {file}.\n")
    if application is not None:
        click.echo(f"Invite {application.name} to a server:\n  {invite_link(application.id)}\n")
    else:
        click.echo("Discord was not reached: oneiros doctor prints the invite link when it is.\n")
    at = "" if file == SETTINGS_FILE else f"--settings {file} "
    click.echo(f"See whether all is well: oneiros {at}doctor\nRun the bot:              oneiros {at}run")


def _token(answers: Answers) -> tuple[str, str]:
    """Return the token, and the line that names it in the file."""
    if answers.token_file is None:
        if answers.yes:
            raise StartError("There is no token: name the file that holds it with --token-file.")
        token = str(
            click.prompt("The bot's token (from Discord's developer portal; not shown)", hide_input=True)
        ).strip()
        return token, f"DISCORD_TOKEN={_quoted(token)}"
    try:
        token = answers.token_file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{answers.token_file} holds no token that can be read: check its path.") from error
    if not token:
        raise StartError(f"{answers.token_file} is empty: it should hold the token and nothing else.")
    return token, f"DISCORD_TOKEN_FILE={_quoted(str(answers.token_file.resolve()))}"


def _application(settings: Settings, token: str) -> Application | None:
    """Return what Discord says of the token; None where it cannot be asked now."""
    try:
        return asyncio.run(ask(settings, token))
    except NotReachedError as error:
        click.echo(f"{error} The token was not checked.", err=True)
        return None


def _asked(question: str, default: str, answers: Answers) -> str:
    return default if answers.yes else str(click.prompt(question, default=default))


async def _devices(answers: Answers) -> str:
    """Return what DEVICES is to be: asked for only where there is a choice."""
    if answers.devices is not None:
        await devices_of(answers.devices)
        return answers.devices
    there = await devices_of("auto")
    if there == ["cpu"]:
        click.echo("There is no GPU here that PyTorch can use: dreams take the CPU.")
        return "auto"
    if answers.yes:
        return "auto"
    while True:
        chosen = str(
            click.prompt(f"Where to dream (auto: {', '.join(there)}; or some of them, or cpu)", default="auto")
        )
        try:
            await devices_of(chosen)
        except PoolError as error:
            click.echo(error, err=True)
        else:
            return chosen


def _try_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StartError(f"{folder} cannot be written: {error.strerror}. Name another folder.") from error


def _quoted(value: str) -> str:
    """Return a value as the file's format has it: quoted where it holds more than plain characters."""
    if all(character.isalnum() or character in "/._-:+,~=" for character in value):
        return value
    if "\n" in value or "${" in value:
        raise StartError("A line break or ${ cannot stand in the settings file: choose a name without.")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _write(file: Path, text: str) -> None:
    """Write a file that only its owner reads, all of it or nothing."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:  # noqa: PTH123 - a mode from the start
            out.write(text)
        part.replace(file)
    except OSError as error:
        raise StartError(f"{file} cannot be written: {error.strerror}. Name another with --settings.") from error
    finally:
        part.unlink(missing_ok=True)
