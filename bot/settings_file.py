"""The settings as the command reads them: what the environment says, then what the settings file says."""

from __future__ import annotations

from pathlib import Path

import click
from pydantic import ValidationError

from bot.settings import SETTINGS_FILE, Settings


def of_command() -> Settings:
    """Return the settings of the command that runs. Raises ClickException."""
    return read(present(click.get_current_context().find_root().obj))


def present(file: Path | None) -> Path | None:
    """Return the settings file that was named, else the one in this folder, else None. Raises ClickException."""
    if file is None:
        return SETTINGS_FILE if SETTINGS_FILE.exists() else None
    if not file.exists():
        raise click.ClickException(f"There is no settings file {file}: write one with oneiros --settings {file} init.")
    return file


def read(file: Path | None) -> Settings:
    """Return the settings: what the environment says, then what the file says. Raises ClickException."""
    try:
        return Settings(_env_file=file, _env_file_encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise click.ClickException(f"The settings file {file} cannot be read: check whose it is.") from None
    except ValidationError as error:
        # Its own text would show the values, and one of them is the token.
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        said = "; ".join(
            ": ".join([*(str(part).upper() for part in one["loc"]), one["msg"].removeprefix("Value error, ")])
            for one in wrong
        )
        raise click.ClickException(f"The settings cannot be used: {said}") from None
