"""Telling outcomes: again until Discord took it or will not, once, and only after the last preview."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from jobs_bench import BOUND_S, NEW_MESSAGE, Bench, HandClock, Place, a_request, bench, settle

from bot.errors import UserError
from bot.job import Job, Shown, State
from bot.jobs.delivery import FIRST_PAUSE_S, LONGEST_PAUSE_S, TRIES_AT_A_FAULT, Delivery
from bot.jobs.messenger import Posted, Standing, Told
from bot.jobs.poster import Poster
from bot.store.admin.acts import By
from bot.store.admin.takedowns import Known, Takedowns
from bot.store.jobs import Result


@pytest.fixture
async def made(place: Place) -> AsyncIterator[Bench]:
    async with bench(place) as made:
        yield made


def a_delivery(made: Bench, time: HandClock, poster: Poster | None = None) -> Delivery:
    return Delivery(
        owner="mine",
        jobs=made.store,
        tellings=made.tellings,
        images=made.images,
        messenger=made.chat,
        poster=poster or Poster(made.chat, 0.0, time.clock, made.store.together),
        clock=time.clock,
        tell=lambda _: None,
    )


async def a_failed_job(made: Bench) -> Job:
    (job,), _ = await made.store.accept([a_request()], "mine")
    failed = await made.store.fail(job, "no")
    assert failed is not None
    return failed


async def a_dreamed_job(made: Bench) -> Job:
    (job,), _ = await made.store.accept([a_request()], "mine")
    photo = await made.images.put(b"a photo", "image/png", 8, 8)
    await made.store.enqueue(job, photo, None, 1.0)
    claimed = await made.store.claim("mine", ())
    assert claimed is not None
    dream = await made.images.put(b"a dream", "image/png", 8, 8)
    dreamed = await made.store.dreamed(claimed, Result(dream, 1.0, "{}"))
    assert dreamed is not None
    return dreamed


async def test_a_passing_fault_is_tried_again_at_growing_intervals(made: Bench) -> None:
    time = HandClock()
    made.chat.answers = [Told.LATER, RuntimeError("odd"), Told.LATER, Told.DONE]
    delivery = a_delivery(made, time)
    job = await a_failed_job(made)
    delivery.start()
    for tries, pause_s in enumerate((1.0, 2.0, 4.0), start=1):
        await time.until_somebody_waits(pause_s)
        await time.advance(pause_s * 0.9)
        assert len(made.chat.tellings) == tries
        await time.advance(pause_s * 0.1)
        await made.chat.until(lambda tries=tries: len(made.chat.tellings) > tries)
    await made.until_told_at(job.id)
    await delivery.stop(BOUND_S)
    assert len(made.chat.tellings) == 4


@pytest.mark.parametrize("answer", [Told.GONE, Told.BARRED, Told.DONE])
async def test_an_answer_ends_it(made: Bench, answer: Told) -> None:
    time = HandClock()
    made.chat.answers = [answer]
    delivery = a_delivery(made, time)
    job = await a_failed_job(made)
    delivery.start()
    told = await made.until_told_at(job.id)
    assert told.state is State.FAILED
    delivery.wake()
    await delivery.stop(BOUND_S)
    assert len(made.chat.tellings) == 1


async def test_many_wakes_tell_once(made: Bench) -> None:
    time = HandClock()
    made.chat.gate = asyncio.Event()
    delivery = a_delivery(made, time)
    job = await a_failed_job(made)
    delivery.start()
    for _ in range(5):
        delivery.wake()
        await made.chat.begins("tell")
    made.chat.gate.set()
    await made.until_told_at(job.id)
    await delivery.stop(BOUND_S)
    assert len(made.chat.tellings) == 1


async def test_the_outcome_comes_after_the_preview_in_flight(made: Bench) -> None:
    class Watched(Poster):
        finishing = asyncio.Event()

        async def finish(self, job: Job) -> None:
            self.finishing.set()
            await super().finish(job)

    time = HandClock()
    poster = Watched(made.chat, 0.0, time.clock, made.store.together)
    delivery = a_delivery(made, time, poster)
    made.chat.gate = asyncio.Event()
    job = await a_failed_job(made)
    poster.show(Standing(job))
    await made.chat.begins("show")
    delivery.start()
    async with asyncio.timeout(BOUND_S):
        await poster.finishing.wait()
    await settle()
    assert made.chat.log == ["show begins"]
    made.chat.gate.set()
    await made.until_told_at(job.id)
    assert made.chat.log == ["show begins", "show ends", "tell begins", "tell ends"]
    await delivery.stop(BOUND_S)


async def test_a_deleted_job_is_not_tried_again(made: Bench) -> None:
    time = HandClock()
    made.chat.answers = [Told.LATER]
    delivery = a_delivery(made, time)
    job = await a_failed_job(made)
    delivery.start()
    await time.until_somebody_waits(FIRST_PAUSE_S)
    await made.jobs.remove(job)
    await time.advance(LONGEST_PAUSE_S)
    await delivery.stop(BOUND_S)
    assert len(made.chat.tellings) == 1


async def test_a_picture_that_cannot_be_shown_leaves_words_after_a_few_tries(made: Bench) -> None:
    time = HandClock()
    made.chat.answers = [UserError("it cannot be encoded")] * TRIES_AT_A_FAULT
    delivery = a_delivery(made, time)
    job = await a_dreamed_job(made)
    delivery.start()
    for tries in range(1, TRIES_AT_A_FAULT + 1):
        await made.chat.until(lambda tries=tries: len(made.chat.tellings) == tries)
        await time.advance(LONGEST_PAUSE_S)
    await made.until_told_at(job.id)
    assert [picture for _, picture in made.chat.tellings] == [b"a dream"] * TRIES_AT_A_FAULT + [None]
    await delivery.stop(BOUND_S)


async def test_what_cannot_be_told_even_in_words_is_given_up(made: Bench, caplog: pytest.LogCaptureFixture) -> None:
    time = HandClock()
    made.chat.answers = [RuntimeError("odd")] * (TRIES_AT_A_FAULT + 1)
    delivery = a_delivery(made, time)
    job = await a_failed_job(made)
    delivery.start()
    for tries in range(1, TRIES_AT_A_FAULT + 1):
        await made.chat.until(lambda tries=tries: len(made.chat.tellings) == tries)
        await time.advance(LONGEST_PAUSE_S)
    await made.until_told_at(job.id)
    assert "given up" in caplog.text
    await delivery.stop(BOUND_S)


@pytest.mark.parametrize(
    ("answer", "shown"), [(Told.DONE, Shown.POSTED), (Told.GONE, Shown.REMOVED), (Told.BARRED, Shown.KEPT)]
)
async def test_it_is_kept_what_became_of_an_outcome_in_the_chat(made: Bench, answer: Told, shown: Shown) -> None:
    made.chat.answers = [answer]
    delivery = a_delivery(made, HandClock())
    job = await a_dreamed_job(made)
    delivery.start()
    assert (await made.until_told_at(job.id)).shown is shown
    await delivery.stop(BOUND_S)
    kept = await made.store.kept(job.person_id, 9)
    assert [one.id for one in kept] == ([job.id] if shown is Shown.KEPT else [])
    await made.tellings.fetched(job.id)
    assert await made.store.kept(job.person_id, 9) == []


async def test_a_message_that_can_be_edited_no_more_is_posted_anew_once(made: Bench) -> None:
    made.chat.answers = [Told.STUCK, Told.DONE]
    delivery = a_delivery(made, HandClock())
    job = await a_dreamed_job(made)
    delivery.start()
    told = await made.until_told_at(job.id)
    await delivery.stop(BOUND_S)
    assert made.chat.log == ["tell begins", "tell ends", "post begins", "post ends"]
    assert (told.shown, told.message_id) == (Shown.POSTED, NEW_MESSAGE), "the buttons of the new message are its own"
    assert told.posting_at is not None


async def test_a_message_of_what_was_taken_down_is_deleted_where_it_can_be_edited_no_more(made: Bench) -> None:
    made.chat.answers = [Told.DONE, Told.STUCK]
    delivery = a_delivery(made, HandClock())
    job = await a_dreamed_job(made)
    delivery.start()
    await made.until_told_at(job.id)
    takedowns = Takedowns(made.database)
    await takedowns.take_down(await takedowns.of_job(job.id), Known(), "Not theirs.", By(login="root"))
    delivery.wake()
    assert (await made.until_told_at(job.id)).shown is Shown.REMOVED
    await delivery.stop(BOUND_S)
    assert [line for line in made.chat.log if line.endswith("begins")] == [
        "tell begins",
        "tell begins",
        "remove begins",
    ]


async def test_a_post_that_was_begun_is_looked_for_before_another_is_made(made: Bench) -> None:
    job = await a_dreamed_job(made)
    await made.tellings.posting(job.id, "mine")
    made.chat.posted = Posted(Told.DONE, NEW_MESSAGE)
    delivery = a_delivery(made, HandClock())
    delivery.start()
    told = await made.until_told_at(job.id)
    await delivery.stop(BOUND_S)
    assert made.chat.log == ["find"]
    assert told.message_id == NEW_MESSAGE


async def test_a_post_that_was_begun_and_never_made_is_made(made: Bench) -> None:
    job = await a_dreamed_job(made)
    await made.tellings.posting(job.id, "mine")
    delivery = a_delivery(made, HandClock())
    delivery.start()
    assert (await made.until_told_at(job.id)).message_id == NEW_MESSAGE
    await delivery.stop(BOUND_S)
    assert made.chat.log == ["find", "post begins", "post ends"]
