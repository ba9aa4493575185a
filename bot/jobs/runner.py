"""The runner: claims as many jobs as the pool can dream at once, follows each to its end, writes down how it ended."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.children.shortage import ShortageError
from bot.errors import KEPT_NO_MORE, PassingError
from bot.fail_points import FailPoint, fail_point
from bot.film import MOST_BYTES
from bot.images.store import ImageStore
from bot.job import OUTCOMES, Job, State
from bot.jobs.clock import Clock
from bot.jobs.events import Begun, Broke, Listener, fault_of
from bot.jobs.failing import sentence_for
from bot.jobs.forecast import Forecast
from bot.jobs.lease import Leases
from bot.jobs.messenger import Standing
from bot.jobs.patience import patiently
from bot.jobs.poster import Poster
from bot.jobs.queue import Queue
from bot.jobs.results import Results
from bot.jobs.tasks import Loop, Tasks
from bot.pool.interface import Cancelled, Dreamed, FilmWork, Lost, Outcome, Pool, Progress, Refused, Work
from bot.store.jobs import JobStore, Result

log = logging.getLogger(__name__)

MOST_BESIDE_S = 2.0  # of a worker's time, beside dreaming; more was spent waiting for a worker to be there
LOOK_EVERY_S = 15.0  # for leases that have lapsed; new jobs wake the runner


@dataclass
class _Attempt:
    """One claim of ours."""

    job: Job
    begun: float  # by our clock
    outcome: Outcome | None = None  # what its worker made of it
    over: bool = False  # somebody else has decided: whatever still comes is discarded
    kept: bool = False  # the result is in the store, whatever comes

    @property
    def dreamed(self) -> Dreamed | None:
        return self.outcome if isinstance(self.outcome, Dreamed) else None


class Runner:
    """Runs jobs for one owner."""

    def __init__(
        self,
        *,
        owner: str,
        jobs: JobStore,
        images: ImageStore,
        pool: Pool,
        leases: Leases,
        poster: Poster,
        queue: Queue,
        forecast: Forecast,
        clock: Clock,
        on_outcome: Callable[[Job], None],
        tell: Listener,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._owner = owner
        self._jobs = jobs
        self._images = images
        self._results = Results(images)
        self._pool = pool
        self._leases = leases
        self._poster = poster
        self._queue = queue
        self._forecast = forecast
        self._clock = clock
        self._on_outcome = on_outcome
        self._tell = tell
        self._attempts: dict[int, _Attempt] = {}
        self._tasks = Tasks()
        self._loop = Loop(self._fill, every_s=look_every_s, clock=clock, name="runner")

    @property
    def idle(self) -> bool:
        """Whether no job of ours is being dreamed."""
        return not self._attempts

    def start(self) -> None:
        """Begin to claim jobs."""
        self._loop.start()

    def wake(self) -> None:
        """A job waits."""
        self._loop.wake()

    async def stop(self, grace_s: float) -> None:
        """Claim no more; leave what has not ended within ``grace_s`` to be put back."""
        await self._loop.stop()
        await self._tasks.finish(grace_s)

    def abandon(self, job_id: int) -> None:
        """Stop a dream whose job somebody else has decided over, and discard what comes of it."""
        attempt = self._attempts.get(job_id)
        if attempt is not None and not attempt.over:
            attempt.over = True
            self._pool.cancel(job_id)

    async def _fill(self) -> None:
        while len(self._attempts) < self._pool.capacity:
            taken_at = self._clock.now()
            job = await self._jobs.claim(self._owner, self._attempts.keys())
            if job is None:
                return
            fail_point(FailPoint.CLAIMED)
            if job.state is State.RUNNING:
                self._begin(job, taken_at)
            else:
                fail_point(FailPoint.FAILED)
                self._on_outcome(job)

    def _begin(self, job: Job, taken_at: float) -> None:
        attempt = self._attempts[job.id] = _Attempt(job, taken_at)
        if job.attempt == 1:
            self._tell(Begun(job, max(0.0, (datetime.now(UTC) - job.created_at).total_seconds())))
        self._leases.hold(job.id, taken_at, on_lost=lambda: self.abandon(job.id))
        task = self._tasks.start(self._run(attempt), f"job {job.id}, attempt {job.attempt}")
        task.add_done_callback(lambda _: self._end(attempt))
        self._queue.changed()

    def _end(self, attempt: _Attempt) -> None:
        job = attempt.job
        self._attempts.pop(job.id, None)
        self._leases.drop(job.id)
        if attempt.dreamed is not None:
            took_s = self._clock.now() - attempt.begun
            self._forecast.dreamed(job, min(took_s, attempt.dreamed.seconds + MOST_BESIDE_S))
        self._queue.left(job.id)
        self._queue.changed()
        self._loop.wake()

    async def _run(self, attempt: _Attempt) -> None:
        try:
            # What is dreamed is not dreamed again because the store or the database is away: it is kept here meanwhile.
            ended = await self._patiently(attempt, lambda: self._finish_or_dream(attempt))
        except Exception as error:  # noqa: BLE001 - every job ends with a sentence
            ended = await self._end_badly(attempt, error)
        if ended is not None and ended.state is not State.QUEUED:
            if ended.state is State.FAILED:
                fail_point(FailPoint.FAILED)
            self._on_outcome(ended)

    async def _end_badly(self, attempt: _Attempt, error: Exception) -> Job | None:
        job = attempt.job
        self._tell(Broke(job, fault_of(error)))
        sentence = sentence_for(error, f"job {job.id}")
        if attempt.kept:  # only writing it down went wrong: the next attempt finds the picture
            return await self._patiently(attempt, lambda: self._jobs.put_back(job, strike=False))
        return await self._patiently(attempt, lambda: self._jobs.fail(job, sentence))

    async def _patiently(self, attempt: _Attempt, work: Callable[[], Awaitable[Job | None]]) -> Job | None:
        def held_up() -> None:
            if not attempt.over:
                self._poster.show(Standing(attempt.job, held_up=True))

        return await patiently(work, self._clock, f"job {attempt.job.id}", held_up)

    async def _finish_or_dream(self, attempt: _Attempt) -> Job | None:
        """Bring an attempt to its end; returns the job as we left it, None if that was not ours to say."""
        job = attempt.job
        result = await self._results.find(job.id) if job.attempt > 1 else None
        if result is None:
            if attempt.outcome is None:
                self._poster.show(self._queue.dreaming(job))
                outcome = await self._dream(attempt)
                self._note(job, outcome, over=attempt.over)
                if isinstance(outcome, Lost) and outcome.cause == "short" and not attempt.over:
                    raise ShortageError  # and is dreamed once more
                attempt.outcome = outcome
            if attempt.over:
                return None
            if not isinstance(attempt.outcome, Dreamed):
                return await self._write_down(job, attempt.outcome)
            result = await self._results.keep(job.id, attempt.outcome)
            fail_point(FailPoint.RESULT_KEPT)
        attempt.kept = True
        ended = await self._jobs.dreamed(job, result)
        fail_point(FailPoint.ENDED)
        now = ended or await self._jobs.get(job.id)
        if now is None or now.state in OUTCOMES:  # else another owner dreams it, who looks there first
            await self._clean_up(job, result, wanted=ended is not None)
        return ended

    async def _clean_up(self, job: Job, result: Result, *, wanted: bool) -> None:
        try:
            await self._results.forget(job.id)
            if not wanted:  # it was cancelled, or its person is forgotten: nobody wants the picture
                await self._images.discard(result.hash)
        except PassingError:  # the upkeep does it once more
            log.warning("job %s has ended, and what it left in the object store stays for now", job.id)

    async def _dream(self, attempt: _Attempt) -> Outcome:
        job = attempt.job
        if job.source_hash is None:
            return Refused(KEPT_NO_MORE)
        picture = await self._images.get(job.source_hash)
        guide, mask = [
            None if hash_ is None else await self._images.get(hash_) for hash_ in (job.guide_hash, job.mask_hash)
        ]
        if attempt.over:  # while they were read: the pool did not know the dream that it was to cancel
            return Cancelled()
        outcome: Outcome | None = None
        film = None if job.film is None else FilmWork(job.film, job.cost, min(MOST_BYTES, job.filesize_limit))
        async for event in self._pool.dream(Work(job.id, job.attempt, job.recipe, picture, guide, mask, film)):
            if not isinstance(event, Progress):
                outcome = event
            elif not attempt.over:
                self._poster.show(self._queue.dreaming(job, event))
        if outcome is None:
            raise RuntimeError("the pool's events ended without an outcome")
        return outcome

    def _note(self, job: Job, outcome: Outcome, *, over: bool) -> None:
        if isinstance(outcome, Dreamed):
            fail_point(FailPoint.DREAMED)
        elif not over and not isinstance(outcome, Cancelled):
            self._tell(Broke(job, outcome.cause if isinstance(outcome, Lost) else "refused"))

    async def _write_down(self, job: Job, outcome: Refused | Lost | Cancelled) -> Job | None:
        match outcome:
            case Refused(sentence=sentence):
                return await self._jobs.fail(job, sentence)
            case Lost(strike=strike):
                put_back = await self._jobs.put_back(job, strike=strike)
                fail_point(FailPoint.PUT_BACK)
                return put_back
            case Cancelled():
                return await self._jobs.put_back(job, strike=False)
