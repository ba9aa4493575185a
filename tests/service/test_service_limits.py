"""The bot at its own pace, under Discord's rate limits."""

from __future__ import annotations

import asyncio
from pathlib import Path

from service_harness import Chat, bot_on_discord


async def test_the_bot_is_never_refused_for_doing_too_much(tmp_path: Path, small_photo: bytes) -> None:
    with bot_on_discord(tmp_path / "data", PREVIEW_INTERVAL="3") as bot:
        async with Chat(bot.addresses) as chat:
            await chat.until_ready()
            asked = [
                (person, await chat.dream("cup.png", small_photo, person=person)) for person in ("ada", "bob", "mod")
            ]
            ended = [chat.ended(one["message_id"], person=person) for person, one in asked]
            assert all(message["attachments"] for message in await asyncio.gather(*ended))
            assert await chat.violations() == []
