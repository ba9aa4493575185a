"""From the request to the picture: what the person gets, whatever they send and press."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from dataclasses import replace

import pytest
from jobs_bench import BOUND_S, GONE, NO_PICTURE, PHOTO, TOKEN, Bench, Place, a_request, bench, dreamed

from bot.errors import UserError
from bot.job import Job, State
from bot.jobs.messenger import Told
from bot.language import language_of
from bot.pool.interface import Lost, Refused
from bot.store.quotas import Caps, Limits
from engine.recipe import Recipe


async def test_a_picture_comes_back_dreamed(running: Bench) -> None:
    (job,) = await running.jobs.accept(a_request())
    assert job.state is State.ACCEPTED
    dream = await running.pool.next()
    assert dream.work.picture == b"clean: " + PHOTO
    dream.progress(1, 0.25)
    await running.chat.until(lambda: any(standing.preview for standing in running.chat.shown_of(job.id)))
    dream.end(dreamed(b"the dream", 2.5))
    told, picture = await running.chat.told(job.id)
    assert (told.state, told.seconds, told.note, picture) == (State.DREAMED, 2.5, None, b"the dream")
    known = await running.until_told_at(job.id)
    assert known.token is None
    assert known.result_hash is not None
    assert await running.jobs.picture(known.result_hash) == b"the dream"
    assert len(running.chat.told_of(job.id)) == 1


async def test_what_the_intake_had_to_say_is_told(running: Bench) -> None:
    running.web.files["https://cdn.discordapp.com/a.gif"] = b"animated"
    job = await running.dream_one(source_url="https://cdn.discordapp.com/a.gif")
    assert job.note == "Only its first frame was dreamed."


@pytest.mark.parametrize(
    ("url", "sentence"),
    [("https://cdn.discordapp.com/gone.png", GONE), ("https://cdn.discordapp.com/text.png", NO_PICTURE)],
)
async def test_what_cannot_be_fetched_or_read_is_said_at_once_while_others_dream(
    running: Bench, url: str, sentence: str
) -> None:
    running.web.files["https://cdn.discordapp.com/text.png"] = b"text"
    await running.jobs.accept(a_request())
    await running.pool.next()
    (job,) = await running.jobs.accept(a_request(source_url=url))
    told, picture = await running.chat.told(job.id)
    assert (told.state, told.failure, picture) == (State.FAILED, sentence, None)


async def test_a_recipe_that_cannot_be_dreamed_is_said_so(running: Bench) -> None:
    (job,) = await running.jobs.accept(a_request(recipe='{"octaves": 99}'))
    told, _ = await running.chat.told(job.id)
    assert told.failure is not None
    assert "octaves" in told.failure


async def test_what_the_engine_refuses_is_told_in_its_words(running: Bench) -> None:
    (job,) = await running.jobs.accept(a_request())
    (await running.pool.next()).end(Refused("There is no layer of this name."))
    told, _ = await running.chat.told(job.id)
    assert (told.state, told.failure) == (State.FAILED, "There is no layer of this name.")


async def test_what_nobody_foresaw_has_a_reference_that_is_in_the_log(
    running: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    running.web.files["https://cdn.discordapp.com/odd.png"] = RuntimeError("very odd")
    (job,) = await running.jobs.accept(a_request(source_url="https://cdn.discordapp.com/odd.png"))
    told, _ = await running.chat.told(job.id)
    assert told.failure is not None
    assert "very odd" not in told.failure
    reference = re.search(r"[0-9a-f]{8}", told.failure)
    assert reference is not None
    assert reference[0] in caplog.text
    assert "very odd" in caplog.text


async def test_deeper_dreams_on_the_dream_and_again_on_the_photo(running: Bench) -> None:
    parent = await running.dream_one(restricted=True)
    for source_hash, expected in [(parent.result_hash, b"a dream"), (parent.source_hash, b"clean: " + PHOTO)]:
        request = a_request(source_url=None, source_hash=source_hash, parent_id=parent.id, person_id=9)
        (child,) = await running.jobs.accept(request)
        assert child.restricted
        dream = await running.pool.next()
        assert dream.work.picture == expected
        dream.end()
        await running.chat.told(child.id)
    assert running.web.fetched == [parent.source_url or a_request().source_url]


async def test_twenty_at_once_get_as_many_places_as_there_are(place: Place) -> None:
    async with bench(place, caps=Caps(person=Limits(waiting=20), whole=Limits(waiting=6))) as full:
        await full.jobs.start()
        asked = (full.jobs.accept(a_request(person_id=person)) for person in range(1, 21))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, BaseException)]
        assert all(isinstance(answer, UserError) for answer in refused)
        # One may have gone on to the worker while the others asked, and freed its place.
        assert len(answers) - len(refused) in {6, 7}
        assert len(full.web.fetched) <= 7


async def test_who_has_as_many_waiting_as_they_may_learns_when_there_is_a_place_again(place: Place) -> None:
    async with bench(place, caps=Caps(person=Limits(waiting=1))) as narrow:
        narrow.pool.speed = 64 * 48 / 100 / 170  # GFLOP/s: a dream takes 170 s
        await narrow.jobs.start()
        await narrow.jobs.accept(a_request())
        dream = await narrow.pool.next()
        (second,) = await narrow.jobs.accept(a_request())
        await narrow.until_state(second.id, State.QUEUED)
        with pytest.raises(UserError, match=r"cancel one\. Please try again in about 3 minutes\."):
            await narrow.jobs.accept(a_request())
        await narrow.jobs.accept(a_request(person_id=2))
        dream.progress(2, 0.9)
        await narrow.chat.until(lambda: any(one.fraction == 0.9 for one in narrow.chat.shown))
        with pytest.raises(UserError, match=r"Please try again in a minute\."):
            await narrow.jobs.accept(a_request())
        assert await narrow.jobs.cancel(second.id)
        await narrow.jobs.accept(a_request())


async def test_a_dream_that_is_more_than_the_rest_of_a_days_quota_is_refused_with_when(place: Place) -> None:
    async with bench(place, caps=Caps(person=Limits(gflop_a_day=1.5 * 64 * 48 / 100))) as narrow:
        await narrow.jobs.start()
        await narrow.dream_one()
        (job,) = await narrow.jobs.accept(a_request())
        told, _ = await narrow.chat.told(job.id)
        assert told.state is State.FAILED
        assert told.failure is not None
        assert language_of(None).read(told.failure) == (
            "You have dreamed as much as one person may in a day. Please try again in about 24 hours."
        )
        await narrow.dream_one(person_id=2)


async def test_the_pool_gets_as_many_as_it_can_dream_at_once(place: Place) -> None:
    async with bench(place, capacity=2) as two:
        await two.jobs.start()
        jobs = [job for _ in range(6) for job in await two.jobs.accept(a_request())]
        dreams = [await two.pool.next(), await two.pool.next()]
        first = {dream.work.job_id for dream in dreams}  # several arrive at once, in any order
        for job in jobs:
            await two.until_state(job.id, State.RUNNING if job.id in first else State.QUEUED)
        for dream in dreams:
            dream.end()
        for _ in jobs[2:]:
            (await two.pool.next()).end()
        for job in jobs:
            await two.chat.told(job.id)
        assert two.pool.most_at_once == 2


async def test_a_waiting_person_sees_their_place_and_when(place: Place) -> None:
    async with bench(place) as waiting:
        waiting.pool.speed = 10.0  # GFLOP/s, and each of these jobs has 64 × 48 / 100 GFLOP
        await waiting.jobs.start()
        (first,) = await waiting.jobs.accept(a_request())
        dream = await waiting.pool.next()
        (second,) = await waiting.jobs.accept(a_request(person_id=2))
        await waiting.until_state(second.id, State.QUEUED)
        (third,) = await waiting.jobs.accept(a_request(person_id=3))
        await waiting.chat.until(lambda: waiting.chat.shown_of(third.id))
        shown = waiting.chat.shown_of(third.id)[-1]
        assert (shown.position, shown.job.state) == (2, State.QUEUED)
        assert shown.eta_s == pytest.approx(3 * 3.072)
        dream.end()
        await waiting.chat.told(first.id)
        await waiting.pool.next()
        await waiting.chat.until(lambda: waiting.chat.shown_of(third.id)[-1].position == 1)
        assert waiting.chat.shown_of(second.id)[-1].job.state is State.RUNNING


async def test_cancelling_while_it_is_fetched(running: Bench) -> None:
    running.web.gate = asyncio.Event()
    (job,) = await running.jobs.accept(a_request())
    assert await running.jobs.cancel(job.id)
    running.web.gate.set()
    told, picture = await running.chat.told(job.id)
    assert (told.state, picture) == (State.CANCELLED, None)
    assert running.pool.is_idle


async def test_cancelling_while_it_waits(running: Bench) -> None:
    await running.jobs.accept(a_request())
    dream = await running.pool.next()
    (job,) = await running.jobs.accept(a_request())
    await running.until_state(job.id, State.QUEUED)
    assert await running.jobs.cancel(job.id)
    told, _ = await running.chat.told(job.id)
    assert told.state is State.CANCELLED
    dream.end()
    await running.until_told_at(dream.work.job_id)
    assert running.pool.is_idle


async def test_cancelling_while_it_is_dreamed(running: Bench) -> None:
    (job,) = await running.jobs.accept(a_request())
    await running.pool.next()
    assert await running.jobs.cancel(job.id)
    assert not await running.jobs.cancel(job.id)
    told, _ = await running.chat.told(job.id)
    assert told.state is State.CANCELLED
    assert running.pool.cancelled == [job.id]


async def test_a_dream_that_ends_as_it_is_cancelled_is_told_once(running: Bench) -> None:
    running.pool.obeys = False
    (job,) = await running.jobs.accept(a_request())
    dream = await running.pool.next()
    dream.end()
    was_cancelled = await running.jobs.cancel(job.id)
    told, _ = await running.chat.told(job.id)
    assert told.state is (State.CANCELLED if was_cancelled else State.DREAMED)
    await running.until_told_at(job.id)
    later = await running.dream_one()
    assert later.state is State.DREAMED
    assert len(running.chat.told_of(job.id)) == 1


async def test_a_late_event_of_a_cancelled_dream_is_not_shown(running: Bench) -> None:
    running.pool.obeys = False
    (job,) = await running.jobs.accept(a_request())
    dream = await running.pool.next()
    await running.jobs.cancel(job.id)
    await running.until_told_at(job.id)
    before = len(running.chat.shown_of(job.id))
    dream.progress(2, 0.5)
    dream.end()
    async with asyncio.timeout(10):
        await dream.left.wait()
    await running.dream_one()
    assert len(running.chat.shown_of(job.id)) == before


async def test_deleted_pictures_are_gone_from_the_store(running: Bench) -> None:
    job = await running.dream_one()
    assert job.result_hash is not None
    await running.jobs.remove(job)
    gone = await running.jobs.get(job.id)
    assert gone is not None
    assert (gone.source_hash, gone.result_hash) == (None, None)
    assert await running.images.sweep(idle_s=0) == 2
    with pytest.raises(UserError, match="no longer kept"):
        await running.jobs.picture(job.result_hash)
    with pytest.raises(UserError, match="no longer kept"):
        await running.jobs.accept(a_request(source_url=None, source_hash=job.source_hash or "0" * 64, parent_id=job.id))


async def test_what_the_dream_had_to_say_is_told_after_what_the_intake_had(running: Bench) -> None:
    running.web.files["https://cdn.discordapp.com/a.gif"] = b"animated"
    (job,) = await running.jobs.accept(a_request(source_url="https://cdn.discordapp.com/a.gif"))
    small = "The picture is too small for 5 octaves: it was dreamed in 2."
    (await running.pool.next()).end(replace(dreamed(), notes=(small,)))
    told, _ = await running.chat.told(job.id)
    assert told.note == f"Only its first frame was dreamed.\n{small}"


async def test_a_dream_that_is_removed_as_it_ends_leaves_nothing_behind(
    running: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, storing, gate = running.images.put, asyncio.Event(), asyncio.Event()
    (job,) = await running.jobs.accept(a_request())
    dream = await running.pool.next()

    async def slow(data: bytes, media_type: str, width: int, height: int) -> str:
        storing.set()
        await gate.wait()
        return await put(data, media_type, width, height)

    monkeypatch.setattr(running.images, "put", slow)
    dream.end()
    async with asyncio.timeout(BOUND_S):
        await storing.wait()
    await running.jobs.remove(job)
    gate.set()
    await running.jobs.stop(grace_s=BOUND_S)
    await running.images.sweep(idle_s=0)
    assert [path for path in running.folder.rglob("*") if path.is_file()] == []


async def test_a_running_dream_that_is_removed_is_shown_no_more(running: Bench) -> None:
    running.chat.show_answer = Told.GONE
    (job,) = await running.jobs.accept(a_request())
    dream = await running.pool.next()
    await running.chat.until(lambda: running.chat.shown_of(job.id))
    await running.jobs.remove(job)
    async with asyncio.timeout(BOUND_S):
        await dream.left.wait()
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert f"poster of job {job.id}" not in names


async def test_a_dead_worker_costs_time_but_not_the_picture(running: Bench) -> None:
    (job,) = await running.jobs.accept(a_request())
    (await running.pool.next()).end(Lost("died", strike=True))
    again = await running.pool.next()
    assert (again.work.job_id, again.work.attempt) == (job.id, 2)
    again.end()
    told, picture = await running.chat.told(job.id)
    assert (told.state, told.strikes, picture) == (State.DREAMED, 1, b"a dream")
    assert any(standing.again for standing in running.chat.shown_of(job.id))


async def test_a_picture_that_kills_three_workers_is_given_up_and_the_next_one_is_dreamed(running: Bench) -> None:
    (poison,) = await running.jobs.accept(a_request())
    dream = await running.pool.next()
    (innocent,) = await running.jobs.accept(a_request(person_id=2))
    for deaths in range(3):
        dream = dream if deaths == 0 else await running.pool.next()
        assert dream.work.job_id == poison.id
        dream.end(Lost("memory", strike=True))
    told, _ = await running.chat.told(poison.id)
    assert told.state is State.FAILED
    assert told.failure is not None
    assert "sorry" in told.failure
    (await running.pool.next()).end()
    assert (await running.chat.told(innocent.id))[0].state is State.DREAMED


GUIDE_URL, MASK_URL = "https://cdn.discordapp.com/guide.png", "https://cdn.discordapp.com/mask.png"
BOTH = Recipe(of="guide", where="mask")


async def a_guided_job(running: Bench) -> Job:
    """Have a dream of a guide, by a mask, dreamed."""
    running.web.files |= {GUIDE_URL: b"a guide", MASK_URL: b"a mask"}
    (job,) = await running.jobs.accept(a_request(recipe=BOTH.to_json(), guide_url=GUIDE_URL, mask_url=MASK_URL))
    dream = await running.pool.next()
    assert (dream.work.guide, dream.work.mask) == (b"clean: a guide", b"clean: a mask")
    dream.end()
    return await running.until_told_at(job.id)


async def test_a_guide_and_a_mask_reach_the_worker_and_the_recipe_names_them(running: Bench) -> None:
    job = await a_guided_job(running)
    recipe = Recipe.from_json(job.recipe)
    assert recipe.guide == hashlib.sha256(b"a guide").hexdigest(), "as the cleaner of these tests has it"
    assert recipe.mask == hashlib.sha256(b"a mask").hexdigest()
    assert (job.guide_url, job.mask_url) == (None, None)


async def test_again_takes_the_guide_that_is_kept_and_fetches_nothing(running: Bench) -> None:
    parent = await a_guided_job(running)
    running.web.fetched.clear()
    (again,) = await running.jobs.accept(
        a_request(
            recipe=parent.recipe,
            source_url=None,
            source_hash=parent.source_hash,
            guide_hash=parent.guide_hash,
            mask_hash=parent.mask_hash,
            parent_id=parent.id,
        )
    )
    dream = await running.pool.next()
    assert (dream.work.recipe, dream.work.guide, dream.work.mask) == (
        parent.recipe,
        b"clean: a guide",
        b"clean: a mask",
    )
    assert running.web.fetched == []
    dream.end()
    await running.until_told_at(again.id)


async def test_a_dream_of_another_picture_names_it(running: Bench) -> None:
    parent = await a_guided_job(running)
    (child,) = await running.jobs.accept(
        a_request(recipe=Recipe(of="guide").to_json(), guide_hash=parent.result_hash, parent_id=parent.id)
    )
    dream = await running.pool.next()
    assert dream.work.guide == b"a dream"
    assert Recipe.from_json(dream.work.recipe).guide == hashlib.sha256(b"a dream").hexdigest()
    dream.end()
    await running.until_told_at(child.id)


async def test_a_recipe_that_lacks_its_guide_is_refused_before_anything_is_fetched(running: Bench) -> None:
    (job,) = await running.jobs.accept(a_request(recipe=Recipe(of="guide").to_json()))
    told, _ = await running.chat.told(job.id)
    assert told.failure is not None
    assert "guide" in told.failure
    assert running.web.fetched == []


async def test_a_guide_that_is_not_needed_is_let_go_with_a_note(running: Bench) -> None:
    running.web.files[GUIDE_URL] = b"a guide"
    job = await running.dream_one(guide_url=GUIDE_URL)
    assert job.guide_hash is None
    assert job.note is not None
    assert "guide was not needed" in job.note


async def test_no_token_reaches_the_log(running: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await running.dream_one()
    running.web.files[a_request().source_url or ""] = RuntimeError("odd")
    (job,) = await running.jobs.accept(a_request())
    await running.chat.told(job.id)
    assert TOKEN not in caplog.text


async def test_cancelling_while_its_picture_is_read(running: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    read, reading, gate = running.images.get, asyncio.Event(), asyncio.Event()

    async def slow(hash_: str) -> bytes:
        reading.set()
        await gate.wait()
        return await read(hash_)

    monkeypatch.setattr(running.images, "get", slow)
    (job,) = await running.jobs.accept(a_request())
    await asyncio.wait_for(reading.wait(), 10)
    assert await running.jobs.cancel(job.id)
    gate.set()
    assert (await running.chat.told(job.id))[0].state is State.CANCELLED
    (later,) = await running.jobs.accept(a_request())
    dream = await running.pool.next()
    assert dream.work.job_id == later.id, "the cancelled one never reached a worker"
    dream.end()
    await running.until_told_at(later.id)
