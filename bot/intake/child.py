"""The decoder's process: Pillow, and nothing that is worth stealing. Run as ``python -m bot.intake.child``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.children.frames import Frame
from bot.children.limits import bound_cpu, leave_no_core
from bot.children.parent import Parent, end_first, lower_priority
from bot.children.shortage import is_shortage
from bot.intake import films, limits
from engine.sentences import mark

if TYPE_CHECKING:
    from engine.pictures import Picture

log = logging.getLogger(__name__)

NICENESS = 5  # after the bot, before the dreaming processes: a person waits for the answer
TOO_MUCH = mark("This picture takes too much memory to decode: send a smaller one.")


def main() -> None:
    """Answer requests, one after the other, until the bot ends us."""
    leave_no_core()
    limits.bound_memory()
    limits.bound_files()
    parent = Parent()
    lower_priority(NICENESS)
    end_first()
    while True:
        request = parent.receive()
        bound_cpu(limits.CLIP_CPU_S if request.kind in _FILMS else limits.CPU_S)
        parent.send(answer(request))


def answer(request: Frame) -> Frame:
    """Do what a request asks for. What is raised ends this process: nothing half-broken decodes on."""
    from engine.errors import EngineError

    try:
        return _ANSWERS[request.kind](request)
    except (EngineError, OSError) as error:
        if is_shortage(error):
            log.error("a picture or film waits: %s", error)  # noqa: TRY400 - it is the system's own sentence
            return Frame("short")
        if not isinstance(error, EngineError):
            raise
        return Frame("refused", {"sentence": error.sentence.to_text()})
    except MemoryError:
        return Frame("refused", {"sentence": TOO_MUCH})


def _clean(request: Frame) -> Frame:
    from engine import pictures

    return _cleaned(pictures.decode(request.body, max_side=request.integer("max_side")))


def _still(request: Frame) -> Frame:
    return _cleaned(films.first_frame(request.body, request.integer("max_side")))


def _cleaned(picture: Picture) -> Frame:
    from engine import pictures

    about = {"width": picture.width, "height": picture.height, "sha256": picture.sha256}
    notes = [note.to_text() for note in picture.notes]
    return Frame("clean", {**about, "notes": notes}, pictures.encode_png(picture))


def _fit(request: Frame) -> Frame:
    from engine import pictures

    encoded = pictures.fit(pictures.decode(request.body, pictures.OURS), request.integer("max_bytes"), request.body)
    fields = {"media_type": encoded.media_type, "width": encoded.width, "height": encoded.height}
    return Frame("encoded", fields, encoded.data)


def _thumbnail(request: Frame) -> Frame:
    from bot.intake.likeness import likeness
    from engine import pictures

    max_side = request.integer("max_side")
    picture = pictures.decode(request.body, pictures.OURS, max_side=max_side)
    encoded = pictures.thumbnail(picture, max_side, request.integer("max_bytes"))
    size = {"width": encoded.width, "height": encoded.height}
    return Frame("thumbnail", {**size, "likeness": likeness(picture)}, encoded.data)


def _likeness(request: Frame) -> Frame:
    from bot.intake.likeness import likeness
    from engine import pictures

    picture = pictures.decode(request.body, pictures.OURS, max_side=request.integer("max_side"))
    return Frame("likeness", {"likeness": likeness(picture)})


def _imprint(request: Frame) -> Frame:
    from bot.intake import imprint
    from bot.intake.sniff import may_be_video
    from engine import pictures

    side = imprint.WORK_SIDE
    if may_be_video(request.body):
        picture = films.first_frame(request.body, side)
        pixels = picture.sha256
    else:
        whole = pictures.decode(request.body, pictures.OURS)
        pixels, picture = whole.sha256, whole
    made = imprint.imprints(picture) if request.integer("windows") else imprint.imprint(picture)
    return Frame("imprint", {"sha256": pixels}, made.tobytes())


def _film_imprint(request: Frame) -> Frame:
    from bot.intake import imprint

    frames = films.spread(request.body, imprint.WORK_SIDE)
    return Frame("film-imprint", {}, imprint.film_imprints(frames, ways=bool(request.integer("ways"))).tobytes())


_FILMS = {"still": _still, "clip": films.clip, "refit": films.refit, "film-imprint": _film_imprint}
_ANSWERS = {"clean": _clean, "fit": _fit, "thumbnail": _thumbnail, "likeness": _likeness, "imprint": _imprint, **_FILMS}


if __name__ == "__main__":
    main()
