"""The words between a pool and its worker: which frame means what."""

from __future__ import annotations

from bot.children.frames import Frame, FrameError
from bot.pool.interface import Cancelled, Dreamed, Event, Lost, Progress, Refused, Work


def dream(number: int, work: Work) -> Frame:
    """Ask for a dream, by a number that *cancel* names."""
    return Frame("dream", {"number": number, "recipe": work.recipe}, work.picture)


def cancel(number: int) -> Frame:
    """Ask for the end of a dream between two steps."""
    return Frame("cancel", {"number": number})


def ready(speed: float) -> Frame:
    """Say that the network is loaded, and how many GFLOP a second it managed."""
    return Frame("ready", {"speed": speed})


def speed_of(frame: Frame) -> float:
    """Read *ready*. Raises FrameError."""
    if frame.kind != "ready":
        raise FrameError(f"{frame.kind} instead of ready")
    return frame.number("speed")


def out_of_memory() -> Frame:
    """Say that the dream did not fit into memory; the worker ends after it."""
    return Frame("memory")


def frame_of(event: Progress | Dreamed | Refused | Cancelled) -> Frame:
    """Write what a worker has to tell."""
    match event:
        case Progress():
            fields = {"octave": event.octave, "octaves": event.octaves, "fraction": event.fraction}
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
                },
                event.picture,
            )
        case Refused():
            return Frame("refused", {"sentence": event.sentence})
        case Cancelled():
            return Frame("cancelled")


def event_of(frame: Frame) -> Event:
    """Read what a worker has told. Raises FrameError."""
    match frame.kind:
        case "progress":
            octave, octaves = frame.integer("octave"), frame.integer("octaves")
            return Progress(octave, octaves, frame.number("fraction"), frame.body or None)
        case "dreamed":
            return Dreamed(
                frame.body,
                frame.integer("width"),
                frame.integer("height"),
                frame.text("fingerprint"),
                frame.number("seconds"),
                frame.texts("notes"),
            )
        case "refused":
            return Refused(frame.text("sentence"))
        case "cancelled":
            return Cancelled()
        case "memory":
            return Lost("memory", strike=True)
        case other:
            raise FrameError(f"{other} is no event")
