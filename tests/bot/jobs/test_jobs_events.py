"""What befalls jobs is told to whoever watches, and each life is one line of the log."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
from jobs_bench import Bench, Place, a_request, bench

from bot.errors import UserError
from bot.job import Shown, State
from bot.jobs.events import Begun, Broke, Delivered, Ended, Event, Retried, TurnedAway
from bot.jobs.messenger import Told
from bot.logs import fields_of
from bot.pool.interface import Lost, Refused
from bot.store.quotas import Caps, Limits
from bot.watching.lives import Lives


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
async def watched(place: Place, heard: list[Event]) -> AsyncIterator[Bench]:
    caps = Caps(person=Limits(waiting=1))
    async with bench(place, caps=caps, listeners=[heard.append, Lives().hear]) as made:
        await made.jobs.start()
        yield made


def kinds(heard: list[Event]) -> list[type]:
    return [type(event) for event in heard]


async def test_a_dream_begins_ends_and_is_delivered_and_its_life_is_one_line(
    watched: Bench, heard: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "bot.watching.lives"):
        job = await watched.dream_one(person_id=98_765_432_101, guild_id=98_765_432_102, channel_id=98_765_432_103)
        await watched.jobs.stop(grace_s=0)  # it is heard of right after it is written down
    assert kinds(heard) == [Begun, Ended, Delivered]
    begun, ended, delivered = heard
    assert isinstance(begun, Begun)
    assert begun.waited_s >= 0
    assert isinstance(ended, Ended)
    assert ended.job.state is State.DREAMED
    assert isinstance(delivered, Delivered)
    assert (delivered.job.id, delivered.shown) == (job.id, Shown.POSTED)
    (line,) = [fields_of(record) for record in caplog.records if record.name == "bot.watching.lives"]
    assert (line["job"], line["interaction"]) == (job.id, job.interaction_id)
    assert (line["kind"], line["outcome"], line["delivery"]) == ("picture", "dreamed", "posted")
    assert (line["attempts"], line["fault"], line["waited_s"]) == (1, None, round(begun.waited_s, 3))
    assert "987654321" not in str(line)


async def test_a_lost_worker_is_a_fault_and_the_next_attempt_begins_no_second_life(
    watched: Bench, heard: list[Event]
) -> None:
    (job,) = await watched.jobs.accept(a_request())
    (await watched.pool.next()).end(Lost("memory", strike=True))
    (await watched.pool.next()).end(Refused("no"))
    await watched.until_told_at(job.id)
    await watched.jobs.stop(grace_s=0)
    assert kinds(heard) == [Begun, Broke, Broke, Ended, Delivered]
    assert [event.fault for event in heard if isinstance(event, Broke)] == ["memory", "refused"]


async def test_a_listener_that_fails_harms_nobody(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Event) -> None:
        raise RuntimeError("no ear for it")

    async with bench(place, listeners=[fail]) as made:
        await made.jobs.start()
        assert (await made.dream_one()).shown is Shown.POSTED
    assert "who watches did not take Begun" in caplog.text


async def test_a_telling_that_is_tried_again_and_a_person_turned_away_are_heard(
    watched: Bench, heard: list[Event]
) -> None:
    watched.chat.answers = [Told.LATER, Told.DONE]
    (job,) = await watched.jobs.accept(a_request())
    dream = await watched.pool.next()
    (waiting,) = await watched.jobs.accept(a_request())
    with pytest.raises(UserError):
        await watched.jobs.accept(a_request())
    assert heard[-1] == TurnedAway("person")
    await watched.jobs.cancel(waiting.id)
    dream.end()
    await watched.until_told_at(job.id)
    assert Retried in kinds(heard)
