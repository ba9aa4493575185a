"""One line in the log for each job's life, at its end. No person, server or channel, no token and no picture in it."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass

from bot.job import Job
from bot.jobs.events import Begun, Broke, Delivered, Event, Fault
from bot.logs import Value, with_fields
from engine.recipe import Recipe

log = logging.getLogger(__name__)

REMEMBERED = 4096  # jobs under way, or never told: their message was deleted


@dataclass
class _Seen:
    """What the job's row does not keep."""

    waited_s: float | None = None  # None: it began under another process
    fault: Fault | None = None  # the last one


class Lives:
    """Follows jobs to their end."""

    def __init__(self) -> None:
        self._seen: OrderedDict[int, _Seen] = OrderedDict()

    def hear(self, event: Event) -> None:
        """Take what befell a job."""
        match event:
            case Begun(job=job, waited_s=waited_s):
                self._of(job).waited_s = waited_s
            case Broke(job=job, fault=fault):
                self._of(job).fault = fault
            case Delivered(job=job, shown=shown):
                fields = life_of(job, self._seen.pop(job.id, _Seen()))
                log.info("a job's life", extra=with_fields(fields | {"delivery": shown.value}))
            case _:
                pass

    def _of(self, job: Job) -> _Seen:
        seen = self._seen.setdefault(job.id, _Seen())
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return seen


def life_of(job: Job, seen: _Seen) -> dict[str, Value]:
    """Return a job's life as fields of a record: numbers, and words of ours."""
    recipe = Recipe.from_json(job.recipe)
    return {
        "job": job.id,
        "interaction": job.interaction_id,
        "kind": kind_of(job),
        "network": recipe.network,
        "look": recipe.look,
        "size": recipe.size,
        "gflop": round(job.cost, 1),
        "waited_s": None if seen.waited_s is None else round(seen.waited_s, 3),
        "dreamed_s": None if job.seconds is None else round(job.seconds, 3),
        "attempts": job.attempt,
        "strikes": job.strikes,
        "outcome": job.state.value,
        "fault": seen.fault,
    }


def kind_of(job: Job) -> str:
    """Return ``film`` or ``picture``."""
    return "picture" if job.film is None else "film"
