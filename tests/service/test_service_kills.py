"""Whatever is killed, the person gets exactly one picture."""

from __future__ import annotations

import subprocess
import sys

import pytest
from service_harness import Bot, Chat, buttons_of, is_outcome, octave_of, text_of
from service_processes import kill


@pytest.mark.long
async def test_the_worker_is_killed_in_mid_dream(own_bot: Bot, own_chat: Chat, small_photo: bytes) -> None:
    own_bot.start()
    await own_chat.until_ready()
    async with own_bot.held(ready=True) as workers:
        asked = await own_chat.dream("cup.png", small_photo)
        await own_chat.glimpse(workers, asked["message_id"], octave_of)
        (worker,) = workers
        kill(worker)
    result = await own_chat.ended(asked["message_id"])
    assert result["attachments"]
    assert own_bot.workers() != [worker]
    await only_one_picture(own_chat, asked["id"])


async def test_the_bot_is_killed_in_mid_dream(own_bot: Bot, own_chat: Chat, small_photo: bytes) -> None:
    own_bot.start()
    await own_chat.until_ready()
    async with own_bot.held(ready=True) as workers:
        asked = await own_chat.dream("cup.png", small_photo)
        await own_chat.glimpse(workers, asked["message_id"], octave_of)
        own_bot.kill()
    await own_chat.until_gone()
    own_bot.start()
    result = await own_chat.ended(asked["message_id"])
    assert result["attachments"]
    await only_one_picture(own_chat, asked["id"])
    # The button was sent by a process that is long dead.
    again = await own_chat.press(result["id"], buttons_of(result)["Again"])
    assert (await own_chat.ended(again["message_id"]))["attachments"]
    assert await own_chat.violations() == []


async def test_a_stopped_bot_finishes_its_work_at_the_next_start(
    own_bot: Bot, own_chat: Chat, small_photo: bytes
) -> None:
    own_bot.settings["GRACE_S"] = "0"
    own_bot.start()
    await own_chat.until_ready()
    async with own_bot.held(ready=True) as workers:
        first = await own_chat.dream("cup.png", small_photo)
        second = await own_chat.dream("cup.png", small_photo)
        await own_chat.glimpse(workers, first["message_id"], octave_of)
        assert own_bot.stop() == 0
    own_bot.start()
    for asked in (first, second):
        assert (await own_chat.ended(asked["message_id"]))["attachments"]
        await only_one_picture(own_chat, asked["id"])
    log = own_bot.log.read_text()
    assert own_bot.addresses["bot_token"] not in log
    assert "/webhooks/" in log, "the log must hold what could leak for this test to mean something"
    assert "Traceback" not in log


async def test_a_second_bot_on_the_same_data_says_why_it_stops(own_bot: Bot, own_chat: Chat) -> None:
    own_bot.start()
    await own_chat.until_ready()
    second = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        env=own_bot.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert f"Another Oneiros (process {own_bot.pid})" in second.stderr
    assert "Traceback" not in second.stderr


async def only_one_picture(chat: Chat, interaction_id: str) -> None:
    mine = [one for one in await chat.messages() if one.get("from_interaction", {}).get("id") == interaction_id]
    assert len(mine) == 1
    assert is_outcome(mine[0])
    assert len(mine[0]["attachments"]) == 1, text_of(mine[0])
