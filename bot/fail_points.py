"""Fail points: between two steps of a job's life, where the tests of crashes have the bot's process killed.

Each stands in ``docs/jobs.md`` with what the next start makes of it. ``bot.app`` arms one, on a loopback Discord only.
"""

from __future__ import annotations

import os
import signal
from enum import StrEnum


class FailPoint(StrEnum):
    """What has just been done when the process dies."""

    ACKNOWLEDGED = "acknowledged"  # the interaction, and nothing is written down
    ACCEPTED = "accepted"  # written down
    CLEANED = "cleaned"  # the person's picture, and it is in memory only
    STORED = "stored"  # the person's picture, and the job is not queued
    QUEUED = "queued"
    CLAIMED = "claimed"  # to be dreamed, and no worker has it
    SHOWN = "shown"  # where the job stands
    PUT_BACK = "put-back"  # its worker died, and it waits again
    DREAMED = "dreamed"  # by the worker, and the dream is in memory only
    PICTURE_KEPT = "picture-kept"  # the dream's, and nothing says whose it is
    RESULT_KEPT = "result-kept"  # an object says whose the picture is, the row does not
    ENDED = "ended"  # the row says that it was dreamed
    FAILED = "failed"  # the row says so, and why
    CANCELLED = "cancelled"  # the row says so, and whoever works on it does not know
    TELLING = "telling"  # the outcome was taken up to be told
    POSTING = "posting"  # written down that a new message is about to be posted
    ANSWERED = "answered"  # Discord took the outcome, the row says that it is not told
    TOLD = "told"  # the row says so
    LET_GO = "let-go"  # rows of old jobs no longer name their pictures, which are all there
    REMOVED = "removed"  # rows of old jobs
    SWEPT = "swept"  # a picture's bytes, and its row is still there
    FORGETTING = "forgetting"  # written down that somebody is to be forgotten, and nothing of theirs is gone
    FORGOTTEN = "forgotten"  # their rows, and their pictures are there
    MIRRORING = "mirroring"  # written down that an entry is about to be posted in the gallery channel
    MIRRORED = "mirrored"  # posted there, and the row does not say so
    STOPPING = "stopping"  # told to stop, and what it holds is not put back


_armed: set[FailPoint] = set()


def arm(point: FailPoint) -> None:
    """Let this process die the next time that it passes ``point``."""
    _armed.add(point)


def fail_point(point: FailPoint) -> None:
    """Die here, as in a power cut, if ``point`` is armed."""
    if point in _armed:
        os.kill(os.getpid(), signal.SIGKILL)
