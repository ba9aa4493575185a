"""The bot is killed between any two steps of a job's life, and started again: the person gets one answer.

A start costs seconds, so one job meets death after death: each process dies at a point after the last one's. Every
run of the tests has a few of them, `make long` has all.
"""

from __future__ import annotations

import pytest
from service_deaths import rows, start, start_next
from service_harness import UNEDITABLE, Bot, Chat, answers_to, buttons_of, octave_of, text_of
from service_processes import kill

from bot.fail_points import FailPoint

EVERY_STEP = (
    FailPoint.CLEANED,
    FailPoint.STORED,
    FailPoint.QUEUED,
    FailPoint.CLAIMED,
    FailPoint.SHOWN,
    FailPoint.DREAMED,
    FailPoint.PICTURE_KEPT,
    FailPoint.RESULT_KEPT,
    FailPoint.ENDED,
    FailPoint.TELLING,
    FailPoint.ANSWERED,
    FailPoint.TOLD,
)
# Before it is dreamed; when an object alone says what was dreamed; when the answer is shown, and nothing says so.
A_FEW_STEPS = (FailPoint.CLAIMED, FailPoint.RESULT_KEPT, FailPoint.ANSWERED)


@pytest.mark.parametrize("steps", [A_FEW_STEPS, pytest.param(EVERY_STEP, marks=pytest.mark.long)], ids=["few", "every"])
async def test_a_job_that_meets_a_death_at_every_step_is_answered_once(
    steps: tuple[FailPoint, ...], own_bot: Bot, own_chat: Chat, tiny_photo: bytes
) -> None:
    start(own_bot, FailPoint.ACCEPTED)
    await own_chat.until_ready()
    asked = await own_chat.dream("cup.png", tiny_photo)
    for point in steps:
        await start_next(own_bot, own_chat, point)
    await start_next(own_bot, own_chat, None)
    await own_chat.until_ready()
    (answer,) = await answers_to(own_chat, asked)
    assert answer["id"] == asked["message_id"]
    assert len(answer["attachments"]) == 1
    row = await own_bot.told(asked)
    assert (row["state"], row["shown"], row["strikes"]) == ("dreamed", "posted", 0)
    assert await own_chat.violations() == []


@pytest.mark.long
async def test_a_death_before_anything_is_written_down_costs_the_request_and_no_more(
    own_bot: Bot, own_chat: Chat, tiny_photo: bytes
) -> None:
    start(own_bot, FailPoint.ACKNOWLEDGED)
    await own_chat.until_ready()
    lost = await own_chat.dream("cup.png", tiny_photo)
    await start_next(own_bot, own_chat, None)
    await own_chat.until_ready()
    assert own_bot.job(lost) is None
    asked = await own_chat.dream("cup.png", tiny_photo)
    await own_bot.told(asked)
    assert [one["id"] for one in await answers_to(own_chat, lost)] == [asked["message_id"]]


@pytest.mark.long
async def test_a_death_before_a_failure_is_told_keeps_its_sentence(own_bot: Bot, own_chat: Chat) -> None:
    start(own_bot, FailPoint.TELLING)
    await own_chat.until_ready()
    asked = await own_chat.dream("cup.png", b"no picture")
    await start_next(own_bot, own_chat, None)
    await own_bot.told(asked)
    (answer,) = await answers_to(own_chat, asked)
    assert "picture" in text_of(answer)
    assert not answer["attachments"]


async def test_deaths_in_mid_dream_cost_nothing_and_what_was_cancelled_stays_so(
    own_bot: Bot, own_chat: Chat, small_photo: bytes
) -> None:
    own_bot.settings["GRACE_S"] = "0"
    start(own_bot, FailPoint.PUT_BACK)
    await own_chat.until_ready()
    async with own_bot.held(ready=True) as workers:
        asked = await own_chat.dream("cup.png", small_photo)
        running = await own_chat.glimpse(workers, asked["message_id"], octave_of)
        kill(*workers)

    await start_next(own_bot, own_chat, FailPoint.STOPPING)
    async with own_bot.held():
        await own_bot.until(asked, lambda row: row["state"] == "running")
        await own_chat.until_ready()
        own_bot.terminate()
        await start_next(own_bot, own_chat, FailPoint.CANCELLED)

    async with own_bot.held():
        await own_bot.until(asked, lambda row: row["state"] == "running" and row["attempt"] > 2)
        await own_chat.until_ready()
        assert await answers_to(own_chat, asked) == []
        await own_chat.press(running["id"], buttons_of(running)["Cancel"])
        await start_next(own_bot, own_chat, None)

    row = await own_bot.told(asked)
    assert (row["state"], row["strikes"]) == ("cancelled", 1)
    (answer,) = await answers_to(own_chat, asked)
    assert answer["id"] == asked["message_id"]
    assert not answer["attachments"]


async def test_deaths_about_a_new_message_post_it_once(own_bot: Bot, own_chat: Chat, tiny_photo: bytes) -> None:
    start(own_bot, FailPoint.POSTING)
    await own_chat.until_ready()
    await own_chat.post("faults/rest", **UNEDITABLE)
    # In a channel of its own: to a database that begins anew, other tests' messages are about the same jobs.
    channel = (await own_chat.post("channels", guild="The Lighthouse", name="attic"))["channel"]["id"]
    asked = await own_chat.dream("cup.png", tiny_photo, channel=channel)
    await start_next(own_bot, own_chat, FailPoint.ANSWERED)
    await start_next(own_bot, own_chat, None)
    await own_bot.told(asked)
    (answer,) = await answers_to(own_chat, asked, channel=channel)
    assert answer["id"] != asked["message_id"]
    assert len(answer["attachments"]) == 1
    assert await own_chat.violations() == []


async def test_deaths_while_a_person_is_forgotten_leave_nothing_of_them(
    own_bot: Bot, own_chat: Chat, tiny_photo: bytes
) -> None:
    own_bot.settings["DREAM_SIZE"] = "96"
    start(own_bot, FailPoint.FORGETTING)
    await own_chat.until_ready()
    row = await own_bot.told(await own_chat.dream("cup.png", tiny_photo))
    asked = await own_chat.answered(await own_chat.run("privacy forget"))
    await own_chat.press(asked["id"], buttons_of(asked)["Forget me"])
    await start_next(own_bot, own_chat, FailPoint.FORGOTTEN)
    await start_next(own_bot, own_chat, None)
    await own_chat.until_ready()
    assert rows(own_bot, "SELECT * FROM forgetting") == []
    assert rows(own_bot, "SELECT * FROM job WHERE person_id = ?", row["person_id"]) == []
    assert [path for path in (own_bot.data / "pictures").rglob("*") if path.is_file()] == []
