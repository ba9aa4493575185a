"""A command that ends in one sentence, whatever happens that a person can mend."""

from __future__ import annotations

import io
import json
import sys
from typing import Any, NoReturn

import click

from engine.errors import DreamStopped, EngineError

STOPPED = "Stopped: nothing was written."
STOPPED_CODE = 130  # what a shell says of a program that Ctrl-C ended: 128 and the signal's number
WRONG_USE_CODE = 2  # as click has it

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Write for machines: one JSON object a line, and errors among them."
)


class Command(click.Command):
    """Shows an EngineError as one sentence, with exit code 1; with ``--json`` as an event on stdout."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the command line; what is wrong with it is an event too where events are wanted."""
        wants_json = "--json" in args
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            if wants_json:
                _end_with_event(error.format_message(), WRONG_USE_CODE)
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a terminal that has no “×” is no reason to fail
        try:
            return super().invoke(ctx)
        except EngineError as error:
            _end(ctx, str(error), 1)
        except MemoryError:
            _end(ctx, "Memory does not suffice for this. Close other programs, or take a smaller picture.", 1)
        except (DreamStopped, KeyboardInterrupt) as error:
            _end(ctx, str(error) or STOPPED, STOPPED_CODE)


class _Ended(click.ClickException):
    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.exit_code = code  # type: ignore[misc] # click shows it as a class variable, and reads it of the error


def emit(**fields: Any) -> None:
    """Write one JSON object on a line of its own, in ASCII, which every pipe takes."""
    click.echo(json.dumps(fields))


def _end(ctx: click.Context, sentence: str, code: int) -> NoReturn:
    if ctx.params.get("as_json"):
        _end_with_event(sentence, code)
    raise _Ended(sentence, code)


def _end_with_event(sentence: str, code: int) -> NoReturn:
    emit(event="error", sentence=sentence)
    raise click.exceptions.Exit(code)
