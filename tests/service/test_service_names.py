"""Files are called what people like: no name of one gets anywhere, not into messages, alt texts, files or the log."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from service_harness import Bot, Chat, text_of

MARK = "zqx7"
NAMES = {
    "turned": f"\u202e{MARK}\u2066gnp.png",
    "lines": f"{MARK}\u2028\u2029\u0085# {MARK}.png",
    "markdown": f"**{MARK}** [here](https://{MARK}.test) ||`{MARK}`||.png",
    "mentions": f"@everyone <@1> <#1> <@&1> {MARK}.png",
    "paths": f"../../{MARK}/..\\{MARK}.png",
    "scripts": f"{MARK} 猫 мяу قطة חתול แมว बिल्ली 고양이 🐈‍⬛ Z͑̓a̴l̷g̸o.png",
    "page": f'{MARK}"><script>alert(1)</script>.png',
    "controls": f"{MARK}\u200b\ufeff\u0300\U000e0041.png",
    "fields": f"{{{MARK}}} %s {{0}} ${{{MARK}}}.png",
    "long": f"{MARK}" * 60 + ".png",
    "dots": f"..{MARK}..png.png",
}


def small() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 30)).save(data, "PNG")
    return data.getvalue()


def said(message: dict[str, object]) -> str:
    """Return all of a message that anybody could see, as JSON; also what it names its files."""
    return json.dumps(message, ensure_ascii=False)


def told(bot: Bot) -> str:
    """Return the log, but for what discord.py says of every event while it is traced: each is one line, quoted."""
    return "\n".join(line for line in bot.log.read_text(errors="replace").split("\n") if " DEBUG " not in line)


@pytest.mark.parametrize("kind", NAMES)
async def test_a_name_gets_nowhere(kind: str, chat: Chat, bot: Bot) -> None:
    asked = await chat.dream(NAMES[kind], b"hello, I am a text", person="bob")
    private = [one for one in await chat.messages(person="bob") if one["id"] == asked["message_id"]]
    refused = private[0] if private and private[0]["only_for"] else await chat.ended(asked["message_id"], person="bob")
    assert "picture" in text_of(refused)
    assert MARK not in said(refused)
    assert MARK not in told(bot)


async def test_a_dream_of_what_is_called_all_of_that_is_called_as_all_dreams_are(chat: Chat, bot: Bot) -> None:
    name = "".join(NAMES[kind].removesuffix(".png") for kind in ("turned", "markdown", "scripts")) + ".png"
    asked = await chat.run("dream", options={"film": False}, files={"image": (name, small())})
    result = await chat.ended(asked["message_id"])
    assert result["attachments"], text_of(result)
    assert MARK not in said(result)
    assert MARK not in told(bot)
    assert await chat.violations() == []
