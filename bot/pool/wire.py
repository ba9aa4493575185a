"""The words between a pool and its workers: which frame means what."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import cast, get_args

from bot.children.frames import Frame, FrameError
from bot.pool.interface import Cancelled, Cause, Dreamed, Event, FilmWork, Lost, Progress, Refused, Work

MEDIA_TYPES = frozenset({"image/png", "video/mp4", "image/gif", "image/webp"})  # of dreams


def dream(number: int, work: Work, cpu_s: int) -> Frame:
    """Ask for a dream, by a number that *cancel* names, with so many seconds of processor time."""
    guide, mask = work.guide or b"", work.mask or b""
    fields = {"number": number, "recipe": work.recipe, "guide_bytes": len(guide), "mask_bytes": len(mask)}
    fields |= {"cpu_s": cpu_s}
    fields |= {} if work.film is None else {"film": asdict(work.film)}
    return Frame("dream", fields, b"".join((work.picture, guide, mask)) if guide or mask else work.picture)


def pictures_of(frame: Frame) -> tuple[bytes, bytes | None, bytes | None]:
    """Read the picture, the guide and the mask of *dream*. Raises FrameError."""
    mask_at = len(frame.body) - frame.integer("mask_bytes")
    guide_at = mask_at - frame.integer("guide_bytes")
    if not 0 <= guide_at <= mask_at <= len(frame.body):
        raise FrameError("dream: its pictures are longer than it is")
    return frame.body[:guide_at], frame.body[guide_at:mask_at] or None, frame.body[mask_at:] or None


def cpu_s_of(frame: Frame) -> int:
    """Read how much processor time *dream* may have. Raises FrameError."""
    return frame.integer("cpu_s")


def film_of(frame: Frame) -> FilmWork | None:
    """Read what film *dream* asks for; None where it is a picture. Raises FrameError."""
    given = frame.fields.get("film")
    try:
        return None if given is None else FilmWork(**given)
    except TypeError as error:
        raise FrameError("dream: its film is not understood") from error


def cancel(number: int) -> Frame:
    """Ask for the end of a dream between two steps."""
    return Frame("cancel", {"number": number})


def ready(speed: float | None, networks: tuple[str, ...]) -> Frame:
    """Say that dreams may come, how many GFLOP a second a trial managed (None: there was none), and what is loaded."""
    return Frame("ready", {"networks": list(networks), **({} if speed is None else {"speed": speed})})


def speed_of(frame: Frame) -> float | None:
    """Read *ready*. Raises FrameError."""
    if frame.kind != "ready":
        raise FrameError(f"{frame.kind} instead of ready")
    return frame.number("speed") if "speed" in frame.fields else None


def holds(networks: tuple[str, ...], gpu_bytes: int = 0) -> Frame:
    """Say which networks are loaded, the least recently used first, and what is held of the GPU's memory.

    Comes before a dream's first event, always.
    """
    return Frame("holds", {"networks": list(networks), "gpu_bytes": gpu_bytes})


def gpu_bytes_of(frame: Frame) -> int:
    """Read as much of *holds*. Raises FrameError."""
    return frame.integer("gpu_bytes")


def networks_of(frame: Frame) -> tuple[str, ...]:
    """Read *holds*, or as much of *ready*. Raises FrameError."""
    return frame.texts("networks")


def frame_of(event: Event) -> Frame:
    """Write what there is to tell of a dream."""
    match event:
        case Progress():
            fields = {"octave": event.octave, "octaves": event.octaves, "fraction": event.fraction}
            if event.frames:
                fields |= {"frame": event.frame, "frames": event.frames}
            if event.trailer is not None:
                return Frame("trailer", fields, event.trailer)
            return Frame("progress", fields, event.preview or b"")
        case Dreamed():
            return Frame(
                "dreamed",
                {
                    "width": event.width,
                    "height": event.height,
                    "fingerprint": event.fingerprint,
                    "seconds": event.seconds,
                    "notes": list(event.notes),
                    "media_type": event.media_type,
                },
                event.picture,
            )
        case Refused():
            return Frame("refused", {"sentence": event.sentence})
        case Cancelled():
            return Frame("cancelled")
        case Lost():
            return Frame("lost", {"cause": event.cause, "strike": int(event.strike)})


def event_of(frame: Frame) -> Event:
    """Read what was told of a dream. Raises FrameError."""
    match frame.kind:
        case "progress" | "trailer":
            at = Progress(frame.integer("octave"), frame.integer("octaves"), frame.number("fraction"))
            if "frames" in frame.fields:
                at = replace(at, frame=frame.integer("frame"), frames=frame.integer("frames"))
            body = frame.body or None
            return replace(at, preview=body) if frame.kind == "progress" else replace(at, trailer=body)
        case "dreamed":
            return Dreamed(
                frame.body,
                frame.integer("width"),
                frame.integer("height"),
                frame.text("fingerprint"),
                frame.number("seconds"),
                frame.texts("notes"),
                _media_type(frame),
            )
        case "refused":
            return Refused(frame.text("sentence"))
        case "cancelled":
            return Cancelled()
        case "lost":
            cause = frame.text("cause")
            if cause not in get_args(Cause):
                raise FrameError(f"{cause} is no cause")
            return Lost(cast(Cause, cause), strike=bool(frame.integer("strike")))
        case other:
            raise FrameError(f"{other} is no event")


def _media_type(frame: Frame) -> str:
    media_type = frame.text("media_type")
    if media_type not in MEDIA_TYPES:
        raise FrameError(f"{media_type} is no dream's")
    return media_type
