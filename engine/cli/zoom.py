"""``zoom``: one picture in, a film that goes ever deeper into it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from engine.cli import dream, files, filming, recipes
from engine.cli.command import Command
from engine.cli.options import film_options
from engine.films.settings import ZoomFilm


@click.command(cls=Command)
@click.argument("photo", metavar="IN", type=filming.PATH)
@filming.common_options
@film_options(ZoomFilm)
def command(
    *,
    photo: Path,
    output: Path,
    preview: bool,
    resume: bool,
    max_mib: float | None,
    still: Path | None,
    guide: Path | None,
    recipe_file: Path | None,
    device: str,
    as_json: bool,
    **fields: Any,
) -> None:
    """Dream a film that zooms into the picture IN without an end, and write it to OUT.

    What is done is kept beside OUT until the film is whole; after Ctrl-C, --resume goes on there.
    """
    kind = filming.kind_of(output)
    asked, typed = filming.parted(fields, ZoomFilm)
    film = ZoomFilm.checked(**asked)
    film = film.preview() if preview else film
    recipe, notes = recipes.wanted(typed, recipe_file, guide=guide is not None, mask=False)
    film.check(recipe)
    recipe.with_pictures(guide="" if guide else None, mask=None)
    seen, other = files.picture(photo), None if guide is None else files.picture(guide)
    dream.bring(recipe, quietly=as_json)
    with filming.asked_to_stop(output) as stop, filming.shown(events=as_json, still=still) as show:
        from engine.dreamer import Dreamer  # torch: not before all that can be found wrong without it was found good
        from engine.films.filming import Wanted, zoom

        limit = None if max_mib is None else round(max_mib * 2**20)
        wanted = Wanted(output, kind, limit, filming.kept_beside(output), resume, show, stop)
        filmed = zoom(Dreamer(recipe.network, device), seen, recipe, film, wanted, other)
    filming.tell(filmed, notes, as_json=as_json)
