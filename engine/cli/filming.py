"""What ``zoom`` and ``video`` have in common: where a film goes, how it is shown under way, and what is told of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from engine import pictures
from engine.cli import files, stopping
from engine.cli.command import emit, json_option
from engine.cli.progress import EVERY_S, Paced
from engine.errors import DreamStopped, EngineError
from engine.films.settings import Film, Kind
from engine.recipe import Recipe

if TYPE_CHECKING:
    from engine.films.filming import Filmed, FilmProgress

PATH = click.Path(path_type=Path)
KINDS = ("mp4", "gif", "webp")


def common_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that both commands have."""
    for option in reversed(
        (
            click.option(
                "-o", "--output", metavar="OUT", type=PATH, required=True, help="the MP4, GIF or WebP file to write"
            ),
            click.option("--preview", is_flag=True, help="two seconds of it, small, to see what it will be"),
            click.option("--resume", is_flag=True, help="go on with a film that was stopped, if there is one"),
            click.option(
                "--max-mib", type=click.FloatRange(0.05), help="make the file fit: by falling quality, then smaller"
            ),
            click.option("--still", metavar="FILE", type=PATH, help="keep the newest frame in this PNG"),
            click.option("--guide", metavar="FILE", type=PATH, help="a picture to dream of: --of guide, unless given"),
            click.option("--recipe", "recipe_file", metavar="FILE", type=PATH, help="a recipe in JSON, or a dream"),
            click.option("--device", default="auto", show_default=True, help="cpu, cuda, …; auto: a GPU if any"),
            json_option,
        )
    ):
        command = option(command)
    return command


def kind_of(output: Path) -> Kind:
    """Return what kind of film a path is named for. Raises EngineError where nothing can be written there."""
    kind = output.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise EngineError(f"Films are MP4, GIF or WebP: name the output {output.stem or 'out'}.mp4.")
    files.check_folder(output)
    return kind  # type: ignore[return-value] # one of KINDS


def kept_beside(output: Path) -> Path:
    """Return the folder where a film is kept until it is done."""
    return output.with_name(f"{output.name}.unfinished")


@contextmanager
def asked_to_stop(output: Path) -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether somebody has pressed Ctrl-C; what is kept is told of then."""
    with stopping.asked_to_stop() as stop:
        try:
            yield stop
        except DreamStopped as error:
            words = f"Stopped. What is done is kept in {kept_beside(output)}: go on with the same command and --resume."
            raise DreamStopped(words) from error


@contextmanager
def shown(*, events: bool, still: Path | None) -> Iterator[Callable[[FilmProgress], None]]:
    """Show where a film stands: frames and the time left; its newest frame in the file ``still``."""
    with _shown(events) as show:
        written = 0

        def tell(at: FilmProgress) -> None:
            nonlocal written
            show(at)
            if still is not None and at.still is not None and at.frame != written:
                written = at.frame
                files.write(still, pictures.encode_png(at.still))

        yield tell


@contextmanager
def _shown(events: bool) -> Iterator[Callable[[FilmProgress], None]]:
    if events:
        yield Paced(_event, EVERY_S).show
    elif sys.stderr.isatty():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[left]}"),
        )
        console = Console(stderr=True, highlight=False, markup=False)
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("Loading", total=1.0, left="")

            def show(at: FilmProgress) -> None:
                left = "" if at.seconds_left is None else f"{in_words(at.seconds_left)} left"
                words = f"Frame {at.frame} of {at.frames}"
                bar.update(task, description=words, completed=at.fraction, left=left)

            yield show
    else:
        yield Paced(_line, 10.0).show


def _event(at: FilmProgress) -> None:
    left = None if at.seconds_left is None else round(at.seconds_left, 1)
    emit(event="progress", frame=at.frame, frames=at.frames, fraction=round(at.fraction, 4), seconds_left=left)


def _line(at: FilmProgress) -> None:
    left = "" if at.seconds_left is None else f", {in_words(at.seconds_left)} left"
    click.echo(f"Frame {at.frame} of {at.frames}{left}.", err=True)


def in_words(seconds: float) -> str:
    """Return a length of time: 40 s, 3 min, 2 h 05 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"


def tell(filmed: Filmed, notes: tuple[object, ...], *, as_json: bool) -> None:
    """Say what was made."""
    written, told = filmed.written, [str(note) for note in (*filmed.notes, *notes)]
    if as_json:
        emit(
            event="filmed",
            output=str(written.path),
            width=written.width,
            height=written.height,
            bytes=written.bytes,
            frames=filmed.frames,
            length_s=round(filmed.length_s, 3),
            seconds=round(filmed.seconds, 3),
            recipe=filmed.recipe.model_dump(mode="json"),
            film=filmed.film.model_dump(mode="json"),
            fingerprint=json.loads(filmed.fingerprint),
            notes=told,
        )
        return
    for note in told:
        click.echo(note, err=True)
    click.echo(
        f"{written.path}: {filmed.frames} frames of {written.width} × {written.height} pixels, {filmed.length_s:.1f} s "
        f"and {written.bytes / 2**20:.1f} MiB long, in {in_words(filmed.seconds)}"
    )


def parted(fields: dict[str, Any], kind: type[Film]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what was typed for the film and for the recipe."""
    typed = {name: value for name, value in fields.items() if value is not None}
    film = {name: value for name, value in typed.items() if name in kind.model_fields}
    return film, {name: value for name, value in typed.items() if name not in film and name in Recipe.model_fields}
