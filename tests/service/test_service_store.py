"""The real bot with its pictures in an S3 bucket: a dream goes through, and what cannot be used is said at start."""

from __future__ import annotations

import buckets
from service_harness import Bot, Chat, buttons_of
from service_processes import children


def environment_of(pid: int) -> str:
    with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123 - no file on a disk
        return file.read().decode(errors="replace")


async def test_a_dream_goes_through_a_bucket_and_no_child_knows_its_keys(
    own_bot: Bot, own_chat: Chat, s3: buckets.Server, tiny_photo: bytes
) -> None:
    bucket = s3.bucket()
    own_bot.settings |= {"DREAM_SIZE": "64", "STORE_URL": bucket, **s3.environment}
    own_bot.start()
    await own_chat.until_ready()
    asked = await own_chat.dream("tiny.png", tiny_photo)
    shown = await own_chat.ended(asked["message_id"])
    row = await own_bot.told(asked)
    stored = {key.rpartition("/")[2] for key in s3.keys(bucket)}
    assert stored == {row["source_hash"], row["result_hash"]}
    original = await own_chat.press(shown["id"], buttons_of(shown)["Original"])
    assert (await own_chat.answered(original))["attachments"]
    assert buckets.SECRET in environment_of(own_bot.pid)
    its_children = children(own_bot.pid)
    assert its_children
    assert [pid for pid in its_children if buckets.SECRET in environment_of(pid)] == []
    assert own_bot.stop() == 0
    assert not (own_bot.data / "pictures").exists()
    log = own_bot.log.read_text()
    assert buckets.SECRET not in log
    assert buckets.KEY not in log


async def test_a_bucket_that_cannot_be_written_is_said_at_start(own_bot: Bot, s3: buckets.Server) -> None:
    own_bot.settings |= {"STORE_URL": "s3://nowhere/pictures", **s3.environment}
    own_bot.start()
    assert own_bot.process is not None
    assert own_bot.process.wait(timeout=60) == 1
    said = own_bot.log.read_text()
    assert "STORE_URL: the bucket s3://nowhere/pictures cannot be written: there is no such bucket; check" in said
    assert "Traceback" not in said
