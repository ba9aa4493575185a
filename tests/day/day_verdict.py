"""What is wrong with simulated days: a sentence for each thing that drifts, grows, is lost, doubled or unfair."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from simulated_day import DAY_S, HOUR_S, MINUTE_S, RETENTION_S, Days, Hour
from simulated_people import PREVIEW_INTERVAL_S, Waited

from bot.jobs.lease import RENEW_EVERY_S
from bot.jobs.poster import SEVERAL_REMEMBERED
from bot.jobs.upkeep import EVERY_S
from bot.store.changes import LEASE_S

SLACK_S = 1.0
LET_GO_S = HOUR_S + EVERY_S  # how long what is old enough may wait to be let go
LONGEST_EDITS_S = 4 * PREVIEW_INTERVAL_S  # an edit takes half a second; after a passing fault the pause doubles
# Expressions and types, which SQLAlchemy remembers with the last 500 statements.
IN_SQL = ("bot.store.moments.", "bot.store.tables.UtcDateTime")
# An hour is counted in one instant, in which somebody may just be between two awaits. What asyncio makes for that and
# lets go at once differs by one or two from hour to hour (41 futures and then 40, of 162,714 objects); a leak grows.
OF_AN_INSTANT = ("_asyncio.", "asyncio.", "builtins.coroutine", "builtins.async_generator")
IN_AN_INSTANT = 3
# A poster keeps what it showed of a bounded number of messages of several jobs; here a message has up to two.
KEPT = dict.fromkeys(("bot.jobs.messenger.Standing", "bot.job.Job"), 2 * 2 * SEVERAL_REMEMBERED)


def faults(days: Days) -> list[str]:
    """Return what is wrong."""
    return [*days.errors, *_answers(days), *_tables(days), *_acts(days), *_edits(days), *_order(days), *_memory(days)]


def _answers(days: Days) -> Iterator[str]:
    log = days.log
    for job_id in log.person:
        answers = log.answers.get(job_id, 0)
        if answers > 1 and not days.told_anew_is_allowed:
            yield f"job {job_id} was told {answers} times"
        if answers == 0 and job_id not in log.removed | days.left:
            yield f"job {job_id} was never told"


def _tables(days: Days) -> Iterator[str]:
    for before, hour in zip([None, *days.seen.hours], days.seen.hours, strict=False):
        yield from _of_hour(days, hour)
        if before is not None and hour.clock < before.clock:
            yield f"{_name(hour)}: the queue's clock went back from {before.clock} to {hour.clock}"
        if math.ulp(hour.clock) > 1e-6:
            yield f"{_name(hour)}: the queue's clock is {hour.clock}, and loses what a dream costs"


def _of_hour(days: Days, hour: Hour) -> Iterator[str]:
    ended = sorted(at for at in days.log.ended_at.values() if at <= hour.at)
    pictures = [at for at in days.log.pictures_at if at <= hour.at]

    def since(times: Sequence[float], age_s: float) -> int:
        return sum(at > hour.at - age_s - LET_GO_S for at in times)

    with_pictures = hour.live + since(ended, RETENTION_S)
    bounds = {
        "rows of jobs": (hour.rows["job"], hour.live + since(ended, max(DAY_S, RETENTION_S)) + 1),
        "rows of jobs with pictures": (hour.with_pictures, with_pictures),
        "rows of blobs": (hour.rows["blob"], since(pictures, DAY_S)),
        "objects of blobs": (hour.files["blobs"], hour.rows["blob"]),
        "results": (hour.files["results"], hour.live),
        "rows of periods": (hour.rows["period"], 1),
        "rows of processes": (hour.rows["process"], days.processes if days.processes > 1 else 0),
    }
    for what, (found, bound) in bounds.items():
        if found > bound:
            yield f"{_name(hour)}: {found} {what}, where there may be {bound}"


def _acts(days: Days) -> Iterator[str]:
    let_go, upkeep = days.seen.acts["let go"], days.seen.acts["upkeep"]
    hours = [int(at // HOUR_S) for at in let_go]
    if hours != list(range(len(days.seen.hours) + 1))[: len(hours)] or len(hours) < len(days.seen.hours):
        yield f"what is old was let go in the hours {hours}"
    yield from (f"what is old was let go {at % HOUR_S:.0f} s late" for at in let_go if at % HOUR_S > EVERY_S + SLACK_S)
    expected = days.seconds / EVERY_S * days.processes
    if not expected - 2 * days.processes <= len(upkeep) <= expected + 2 * days.processes:
        yield f"upkeep was done {len(upkeep)} times, and not {expected:.0f}"
    if days.seen.least_lease_s < LEASE_S - RENEW_EVERY_S - SLACK_S:
        yield f"a lease of a job at work had {days.seen.least_lease_s:.1f} s left"


def _edits(days: Days) -> Iterator[str]:
    for job_id, shown in days.log.shown_at.items():
        for (_, ended), (begun, _) in pairwise(shown):
            if days.processes == 1 and begun - ended < PREVIEW_INTERVAL_S - 1e-6:
                yield f"job {job_id}: two edits {begun - ended:.2f} s apart"
        begins = [begun for begun, _ in shown]
        over_at = days.log.ended_at.get(job_id, days.seconds)
        for at in days.log.progress_at.get(job_id, ()):
            following = bisect_left(begins, at - 1e-6)
            shown_at = begins[following] if following < len(begins) else math.inf
            if min(shown_at, over_at) - at > LONGEST_EDITS_S and at < days.seconds - MINUTE_S:
                yield f"job {job_id}: how far it was at {at:.0f} s was shown at {shown_at:.0f} s"


def _order(days: Days) -> Iterator[str]:
    """Start-time fair queueing's bound (Goyal, Vin, Cheng, 1996, theorem 1), for every job and every other person.

    While a job waits, nobody else is served more than its person is, but for one largest job of each of the two.
    """
    begun = days.log.begun
    largest: dict[int, float] = defaultdict(float)
    for one in begun:
        largest[one.person] = max(largest[one.person], one.cost)
    for number, job in enumerate(begun):
        served = _served(begun[:number], job.queued_at)
        own = served.get(job.person, 0.0)
        for person, cost in served.items():
            if cost > own + largest[job.person] + largest[person] + 1e-6:
                yield f"{person} was served {cost:.0f} GFLOP while {job} waited, whose person had {own:.0f}"


def _served(before: Sequence[Waited], since: float) -> dict[int, float]:
    served: dict[int, float] = defaultdict(float)
    for one in reversed(before):
        if one.begun_at <= since:
            break
        served[one.person] += one.cost
    return served


def _memory(days: Days) -> Iterator[str]:
    first = min(days.seen.objects, default=0)
    for hour, now in days.seen.objects.items():
        was = days.seen.objects[first]
        grown = {
            kind: (was[kind], count)
            for kind, count in now.items()
            if count > was[kind] + _slack(kind) and kind != "everything" and not kind.startswith(IN_SQL)
        }
        if grown:
            yield f"more lives in hour {hour} than in hour {first}: {grown}"
        if days.seen.tasks[hour] != days.seen.tasks[first]:
            yield f"tasks in hour {first}: {days.seen.tasks[first]}, in hour {hour}: {days.seen.tasks[hour]}"


def _slack(kind: str) -> int:
    """Return by how many a kind may be more than it was, and nothing has grown."""
    return KEPT.get(kind, IN_AN_INSTANT if kind.startswith(OF_AN_INSTANT) else 0)


def _name(hour: Hour) -> str:
    return f"hour {round(hour.at / HOUR_S)}"
