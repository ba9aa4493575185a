"""What the decoder's process does with moving pictures. FFmpeg is loaded with the first one, and not before."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.children.frames import Frame
from bot.children.scratch import scratch
from engine.films.settings import MOST_SECONDS, VideoFilm
from engine.recipe import Recipe

if TYPE_CHECKING:
    from engine.pictures import Picture

PREFIX = "oneiros-clip."
FIRST_S = 0.2  # of a film, in which its first frame is
LOOKED_AT = 32  # frames of a film by which it is known again, spread over its length
LONGEST = VideoFilm(seconds=MOST_SECONDS, fps=50)


def first_frame(video: bytes, max_side: int) -> Picture:
    """Return the first frame of a video, its longest side at most ``max_side`` pixels."""
    from engine.films import reading
    from engine.octaves import dream_size
    from engine.pictures import Picture
    from engine.pictures.decoding import FIRST_FRAME

    with _file(video) as path:
        clip = reading.opened(path, VideoFilm(seconds=FIRST_S))
        size = dream_size(clip.width, clip.height, max_side)
        return Picture(next(clip.shots(*size)).rgb, notes=(FIRST_FRAME,))


def spread(video: bytes, max_side: int) -> Iterator[Picture]:
    """Read frames of a film, at the same fractions of its length whatever that is; all of them where it has fewer."""
    from engine.films import reading
    from engine.octaves import dream_size
    from engine.pictures import Picture

    with _file(video) as path:
        found = reading.opened(path, LONGEST)
        wanted = {(2 * place + 1) * found.frames // (2 * LOOKED_AT) for place in range(LOOKED_AT)}
        for number, shot in enumerate(found.shots(*dream_size(found.width, found.height, max_side))):
            if number in wanted:
                yield Picture(shot.rgb)


def clip(request: Frame) -> Frame:
    """Write a moving picture anew: as much of it as is taken, upright, at the film's size, without sound."""
    from engine.films import reading
    from engine.films.writing import Master

    film = VideoFilm.model_validate(request.fields.get("film"))
    with _file(request.body) as path:
        found = reading.opened(path, film)
        size = film.frame_size(Recipe(size=film.size), found.width, found.height)
        clean = path.with_name("clean.mp4")
        master = Master(clean, *size)
        try:
            for shot in found.shots(*size):
                master.add(shot)
            master.finish(found.seconds)
        except BaseException:
            master.abandon()
            raise
        facts = {"frames": found.frames, "scenes": len(found.cuts) + 1, "seconds": found.seconds}
        notes = [note.to_text() for note in found.notes]
        return Frame("film", {**facts, "width": size[0], "height": size[1], "notes": notes}, clean.read_bytes())


def refit(request: Frame) -> Frame:
    """Make a film of ours fit into fewer bytes."""
    from engine.films import reading
    from engine.films.writing import fit

    with _file(request.body) as path:
        seconds = reading.opened(path, VideoFilm(seconds=60)).seconds
        written = fit(path, seconds, path.with_name("fit.mp4"), "mp4", request.integer("max_bytes"))
        return Frame("film", {}, written.path.read_bytes())


@contextmanager
def _file(data: bytes) -> Iterator[Path]:
    with scratch(PREFIX) as folder:
        path = folder / "sent"
        path.write_bytes(data)
        try:
            yield path
        finally:
            # A film that was read is a cycle of objects, and its decoder's threads go with it: left to Python's own
            # time, ten films filled the addresses that this process may have, and all that came next was refused.
            gc.collect()
