"""The bot is killed at the changes of state that a dream which goes well does not meet: cancelled, failed, let go.

A start costs seconds: all but the first are for `make long`.
"""

from __future__ import annotations

import asyncio

import pytest
from service_deaths import change, rows, start, start_next
from service_harness import DREAM_S, Bot, Chat, answers_to, buttons_of, octave_of, text_of
from service_processes import kill

from bot.fail_points import FailPoint

LONG_AGO = "2020-01-01 00:00:00.000000"


async def test_what_was_cancelled_while_it_waited_stays_so(own_bot: Bot, own_chat: Chat, tiny_photo: bytes) -> None:
    start(own_bot, FailPoint.CANCELLED)
    await own_chat.until_ready()
    await own_chat.post("faults/cdn", delay_s=60, times=None)
    arriving = await own_chat.dream("cup.png", tiny_photo)
    assert (await own_bot.until(arriving, bool))["state"] == "accepted"
    await own_chat.run("cancel")

    await start_next(own_bot, own_chat, FailPoint.CANCELLED)
    await own_chat.delete("faults")
    await own_chat.until_ready()
    assert (await own_bot.told(arriving))["state"] == "cancelled"
    async with own_bot.held():
        before = await own_chat.dream("cup.png", tiny_photo)
        await own_bot.until(before, lambda row: row["state"] == "running")
        queued = await own_chat.dream("cup.png", tiny_photo)
        await own_bot.until(queued, lambda row: row["state"] == "queued")
        waiting = await own_chat.with_button("Cancel", queued["message_id"])
        await own_chat.press(waiting["id"], buttons_of(waiting)["Cancel"])
        await start_next(own_bot, own_chat, None)

    assert (await own_bot.told(before))["state"] == "dreamed"
    row = await own_bot.told(queued)
    assert (row["state"], row["shown"]) == ("cancelled", "posted")
    told = {one["id"]: text_of(one) for one in await answers_to(own_chat, arriving)}
    assert [number for number, text in told.items() if "Cancelled" in text] == [
        arriving["message_id"],
        queued["message_id"],
    ]


@pytest.mark.long
async def test_deaths_after_a_failure_keep_its_sentence(
    own_bot: Bot, own_chat: Chat, coffee: bytes, tiny_photo: bytes
) -> None:
    # None of them is dreamed to its end.
    own_bot.settings.update({"MAX_GFLOP_A_DAY_PER_PERSON": "1", "DREAM_SIZE": "1024"})
    start(own_bot, FailPoint.FAILED)
    await own_chat.until_ready()
    dear = await own_chat.dream("coffee.jpg", coffee)

    del own_bot.settings["MAX_GFLOP_A_DAY_PER_PERSON"]
    await start_next(own_bot, own_chat, None)
    await own_chat.until_ready()
    async with own_bot.held():
        asked = []
        for photo in (tiny_photo, tiny_photo, coffee):  # one after the other: that is the order of the queue
            asked.append(await own_chat.dream("cup.png", photo))
            await own_bot.until(asked[-1], lambda row: row["state"] in {"queued", "running"})
        own_bot.kill()
    worn_out, pictureless, poisoned = asked
    change(own_bot, "UPDATE job SET attempt = 10 WHERE interaction_id = ?", int(worn_out["id"]))
    change(own_bot, "UPDATE job SET source_hash = NULL WHERE interaction_id = ?", int(pictureless["id"]))
    change(own_bot, "UPDATE job SET strikes = 2 WHERE interaction_id = ?", int(poisoned["id"]))

    start(own_bot, FailPoint.FAILED)  # at the eleventh attempt
    await start_next(own_bot, own_chat, FailPoint.FAILED)  # where nothing can be dreamed
    await start_next(own_bot, own_chat, FailPoint.FAILED)  # at the third strike
    async with own_bot.held(ready=True) as workers:
        await own_chat.glimpse(workers, poisoned["message_id"], octave_of)
        kill(*workers)
        await start_next(own_bot, own_chat, None)

    sentences = {dear["id"]: "in a day", worn_out["id"]: "interrupted", pictureless["id"]: "no longer"}
    for one in (dear, *asked):
        row = await own_bot.told(one)
        assert (row["state"], row["shown"]) == ("failed", "posted")
        told = next(answer for answer in await answers_to(own_chat, dear) if answer["id"] == one["message_id"])
        assert sentences.get(one["id"], "three times") in text_of(told)


@pytest.mark.long
async def test_deaths_while_old_pictures_go_lose_none_that_is_needed_and_keep_none_that_is_not(
    own_bot: Bot, own_chat: Chat, tiny_photo: bytes
) -> None:
    start(own_bot, None)
    await own_chat.until_ready()
    old = await own_chat.dream("cup.png", tiny_photo)
    await own_bot.told(old)
    shown = await own_chat.ended(old["message_id"])
    young = await own_chat.press(shown["id"], buttons_of(shown)["Again"])
    kept = await own_bot.told(young)
    gone = own_bot.job(old)
    assert gone is not None
    assert gone["source_hash"] == kept["source_hash"]
    own_bot.kill()
    change(own_bot, "UPDATE job SET finished_at = ? WHERE id = ?", LONG_AGO, gone["id"])
    change(own_bot, "UPDATE blob SET touched_at = ?", LONG_AGO)

    await own_chat.until_gone()
    for point in (FailPoint.LET_GO, FailPoint.REMOVED, FailPoint.SWEPT):
        change(own_bot, "DELETE FROM period")  # an hour later
        start(own_bot, point)
        assert await own_bot.died(), f"the bot did not come to {point}: its log is {own_bot.log}"
    change(own_bot, "DELETE FROM period")
    start(own_bot, None)

    needed = {kept["source_hash"], kept["result_hash"]}
    async with asyncio.timeout(DREAM_S):
        while {hash_ for (hash_,) in rows(own_bot, "SELECT hash FROM blob")} != needed:
            await asyncio.sleep(0.05)  # what another process writes into a file is told to nobody
    assert {file.name for file in (own_bot.data / "pictures" / "blobs").rglob("*") if file.is_file()} == needed
    assert own_bot.job(old) is None


@pytest.mark.long
async def test_deaths_before_it_is_written_down_that_nothing_could_be_shown_change_nothing(
    own_bot: Bot, own_chat: Chat, tiny_photo: bytes
) -> None:
    start(own_bot, FailPoint.ANSWERED)
    await own_chat.until_ready()
    attic = (await own_chat.post("channels", guild="The Lighthouse", name="attic"))["channel"]["id"]
    async with own_bot.held():
        deleted = await own_chat.dream("cup.png", tiny_photo)
        await own_chat.delete_message(deleted["message_id"])

    await start_next(own_bot, own_chat, None)
    assert (await own_bot.told(deleted))["shown"] == "removed"
    own_bot.kill()
    await own_chat.until_gone()
    start(own_bot, FailPoint.ANSWERED)
    await own_chat.until_ready()
    async with own_bot.held():
        barred = await own_chat.dream("cup.png", tiny_photo, channel=attic)
        await own_chat.post("permissions", channel=attic, permission="view_channel", granted=False)
        await own_chat.post("faults/token", interaction=barred["id"])
    await start_next(own_bot, own_chat, None)
    assert (await own_bot.told(barred))["shown"] == "kept"
    assert await answers_to(own_chat, barred, channel=attic) == []
