"""What the payload alone shows of a file."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.errors import UserError
from bot.views.pictures import check

MIB = 1024 * 1024


def attached(**fields: Any) -> discord.Attachment:
    data = {"id": 1, "filename": "cup.png", "size": 9, "url": "https://cdn.discordapp.com/cup.png", "proxy_url": ""}
    return discord.Attachment(data=cast(Any, data | fields), state=cast(Any, SimpleNamespace(http=None)))


@pytest.mark.parametrize("kind", ["text/plain", "audio/mpeg", "video/mp4"])
def test_what_is_no_picture_is_refused_where_a_client_lets_it_through(kind: str) -> None:
    with pytest.raises(UserError, match="not a picture"):
        check(attached(content_type=kind), MIB)


@pytest.mark.parametrize("kind", ["image/png", "image/heic", None])
def test_a_picture_of_just_the_limit_is_taken(kind: str | None) -> None:
    check(attached(content_type=kind, size=MIB), MIB)


@pytest.mark.parametrize(("size", "said"), [(0, "empty"), (MIB + 1, "I take up to 1 MiB")])
def test_a_size_that_cannot_be_taken_is_said(size: int, said: str) -> None:
    with pytest.raises(UserError, match=said):
        check(attached(size=size), MIB)
