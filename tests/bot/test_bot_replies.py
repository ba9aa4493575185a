"""What Discord answers to an edit, and what becomes of the person's message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from aiohttp import web
from discord.http import Route

from bot.admin import Admin
from bot.drafts import Ask
from bot.errors import UserError
from bot.guilds import Guilds
from bot.intake.decoder import Decoder, Encoded
from bot.job import Job, State
from bot.jobs.messenger import Posted, Standing, Told
from bot.replies import Replies
from bot.store.admin.regimes import Regimes
from bot.store.database import Database
from bot.store.guilds import GuildStore
from bot.views import asking
from engine.recipe import Recipe

TOKEN = "aW50ZXJhY3Rpb246c2VjcmV0"
BY_TOKEN, BY_RIGHT = f"/api/v10/webhooks/77/{TOKEN}/messages/5", "/api/v10/channels/3/messages/5"
USER = {"id": "9", "username": "oneiros", "discriminator": "0", "avatar": None, "bot": True}
APPLICATION = {
    "id": "77",
    "name": "Oneiros",
    "description": "",
    "icon": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "",
    "owner": USER,
    "flags": 0,
}
MESSAGE = {
    "id": "5",
    "channel_id": "3",
    "author": USER,
    "content": "",
    "timestamp": "2026-11-24T00:00:00+00:00",
    "edited_timestamp": None,
    "type": 20,
    "tts": False,
    "pinned": False,
    "mention_everyone": False,
    "mentions": [],
    "mention_roles": [],
    "attachments": [],
    "embeds": [],
    "components": [],
    "flags": 0,
}

NO_SETTINGS = Guilds(GuildStore(Database("sqlite+aiosqlite://")))


@dataclass
class Asked:
    """One request."""

    path: str
    payload: dict[str, Any]
    file: bytes | None

    @property
    def words(self) -> str:
        return json.dumps(self.payload["components"], ensure_ascii=False)


@dataclass
class Server:
    """A Discord that answers edits as it is told; then takes them."""

    answers: list[tuple[int, int]] = field(default_factory=list)  # status and code
    asked: list[Asked] = field(default_factory=list)
    history: list[dict[str, Any]] | None = field(default_factory=list)
    hangs_up: bool = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/users/@me"):
            return _json(USER)
        if request.path.endswith("/applications/@me"):
            return _json(APPLICATION)
        if request.path.endswith("/callback"):
            return _json({"interaction": {"id": "4", "type": 2}})
        if request.method == "GET" and request.path.endswith("/messages"):
            if self.history is None:
                return _json({"message": "Missing Access", "code": 50001}, 403)
            after = int(request.query.get("after", 0))
            return _json([one for one in self.history if int(one["id"]) > after])
        if request.method == "GET":
            return _json(MESSAGE)
        self.asked.append(await _read(request))
        if self.hangs_up and request.transport is not None:
            request.transport.close()
        if self.answers:
            status, code = self.answers.pop(0)
            return _json({"message": "no", "code": code}, status)
        return _json(MESSAGE)


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json")


async def _read(request: web.Request) -> Asked:
    if request.content_type != "multipart/form-data":
        return Asked(request.path, await request.json(), None)
    form = await request.post()
    file = form["files[0]"]
    assert isinstance(file, web.FileField)
    return Asked(request.path, json.loads(str(form["payload_json"])), file.file.read())


class Fits:
    """A decoder whose pictures are as large as they may be."""

    async def fit(self, png: bytes, max_bytes: int) -> Encoded:
        if png == b"broken":
            raise UserError("no")
        return Encoded(png[:max_bytes], "image/png", 8, 8)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    made = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setattr(Route, "BASE", f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10")
    # The library waits 25 s in all before it gives up on a server that is out of order.
    instant = SimpleNamespace(**{**vars(asyncio), "sleep": lambda _: asyncio.sleep(0)})
    monkeypatch.setattr("discord.webhook.async_.asyncio", instant)
    monkeypatch.setattr("discord.http.asyncio", instant)
    yield made
    await runner.cleanup()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[discord.Client]:
    async with discord.Client(intents=discord.Intents.none()) as made:
        await made.login("token")
        yield made


@pytest.fixture
def replies(client: discord.Client) -> Replies:
    return Replies(client, cast(Decoder, Fits()), NO_SETTINGS)


def a_job(**changes: Any) -> Job:
    given: dict[str, Any] = dict.fromkeys(one.name for one in fields(Job))
    given |= {"id": 1, "state": State.DREAMED, "token": TOKEN, "application_id": 77, "person_id": 8, "seconds": 2.0}
    given |= {"channel_id": 3, "guild_id": 2, "message_id": 5, "filesize_limit": 100, "result_hash": "0" * 64}
    given |= {"token_expires_at": datetime.now(UTC) + timedelta(minutes=10), "recipe": Recipe().to_json()}
    return Job(**{**given, **changes})


async def test_the_picture_is_an_edit_of_the_same_message(server: Server, replies: Replies) -> None:
    assert await replies.tell([a_job()], [b"dream"]) is Told.DONE
    (edit,) = server.asked
    assert (edit.path, edit.file) == (BY_TOKEN, b"dream")
    assert "attachment://dream-1.png" in edit.words


@pytest.mark.parametrize("ours", [True, False])
async def test_a_gallery_is_offered_where_the_bot_is_or_another_process_may_know_it_to_be(
    server: Server, client: discord.Client, ours: bool
) -> None:
    replies = Replies(client, cast(Decoder, Fits()), NO_SETTINGS, is_ours=lambda _: ours)
    await replies.tell([a_job()], [b"dream"])
    assert ("Add to gallery" in server.asked[0].words) is not ours, "the client knows of no server"


@pytest.mark.parametrize("refusal", [(401, 50027), (404, 10015)])
async def test_a_dead_token_leaves_the_bots_own_right(
    server: Server, replies: Replies, refusal: tuple[int, int]
) -> None:
    server.answers = [refusal]
    assert await replies.tell([a_job()], [b"dream"]) is Told.DONE
    assert [(edit.path, edit.file) for edit in server.asked] == [(BY_TOKEN, b"dream"), (BY_RIGHT, b"dream")]


@pytest.mark.parametrize("old", [{"token": None}, {"token_expires_at": datetime(2026, 1, 1, tzinfo=UTC)}])
async def test_an_old_token_is_not_tried(server: Server, replies: Replies, old: dict[str, Any]) -> None:
    assert await replies.tell([a_job(**old)], [b"dream"]) is Told.DONE
    assert [edit.path for edit in server.asked] == [BY_RIGHT]


ANSWERS = [
    ((404, 10008), Told.GONE),
    ((404, 10003), Told.GONE),
    ((403, 50013), Told.BARRED),
    ((403, 50001), Told.BARRED),
    ((400, 50035), Told.BARRED),
    ((400, 200000), Told.BARRED),
    ((429, 0), Told.LATER),
    ((429, 30046), Told.STUCK),  # too many edits of an old message
    ((400, 50083), Told.STUCK),  # its thread is archived
    ((401, 0), Told.LATER),  # the bot's own token: whoever runs it gives it a new one
    ((403, 40333), Told.LATER),  # Cloudflare's
]


@pytest.mark.parametrize(("answer", "told"), ANSWERS)
@pytest.mark.parametrize("token", [TOKEN, None])
async def test_each_refusal_is_taken_for_what_it_is(
    server: Server, replies: Replies, token: str | None, answer: tuple[int, int], told: Told
) -> None:
    server.answers = [answer]
    assert await replies.tell([a_job(state=State.CANCELLED, result_hash=None, token=token)], [None]) is told
    server.answers = [answer]
    assert await replies.show([Standing(a_job(state=State.RUNNING, token=token), octave=1, preview=b"jpeg")]) is told


@pytest.mark.parametrize("token", [TOKEN, None])
async def test_a_server_out_of_order_is_a_passing_fault(server: Server, replies: Replies, token: str | None) -> None:
    server.answers = [(500, 0)] * 5
    assert await replies.tell([a_job(token=token)], [b"dream"]) is Told.LATER


async def test_a_line_that_breaks_is_a_passing_fault(server: Server, replies: Replies) -> None:
    server.hangs_up = True
    assert await replies.tell([a_job()], [b"dream"]) is Told.LATER


@pytest.mark.parametrize("answer", [(413, 40005), (400, 40005)])
async def test_a_picture_that_is_too_large_here_is_made_smaller(
    server: Server, replies: Replies, answer: tuple[int, int]
) -> None:
    server.answers = [answer]
    assert await replies.tell([a_job()], [bytes(500)]) is Told.DONE
    assert [len(edit.file or b"") for edit in server.asked] == [100, 60]


@pytest.mark.parametrize("answers", [[(413, 40005)] * 4, [(400, 200000)], [(400, 50035)]])
async def test_a_picture_that_discord_does_not_take_leaves_words_and_buttons(
    server: Server, replies: Replies, answers: list[tuple[int, int]]
) -> None:
    server.answers = list(answers)
    assert await replies.tell([a_job()], [bytes(500)]) is Told.DONE
    last = server.asked[-1]
    assert last.file is None
    assert last.payload["attachments"] == [], "the preview goes"
    assert "not shown" in last.words
    assert "oneiros:again:1" in last.words
    assert "oneiros:cancel:1" not in last.words


async def test_a_picture_that_cannot_be_encoded_is_not_discords_fault(server: Server, replies: Replies) -> None:
    with pytest.raises(UserError):
        await replies.tell([a_job()], [b"broken"])
    assert server.asked == []


async def test_the_library_keeps_no_view(client: discord.Client, replies: Replies) -> None:
    for token in (TOKEN, None):
        await replies.show([Standing(a_job(state=State.RUNNING, token=token))])
        await replies.tell([a_job(token=token)], [b"dream"])
    assert len(client.persistent_views) == 0
    assert not client._connection._view_store._views


async def test_a_message_that_discord_does_not_name_is_asked_for(client: discord.Client) -> None:
    interaction: discord.Interaction[Any] = discord.Interaction(
        data={
            "id": "4",
            "type": 2,
            "application_id": "77",
            "token": TOKEN,
            "version": 1,
            "channel": {"id": "3", "type": 1},
            "channel_id": "3",
            "user": USER,
            "attachment_size_limit": 1000,
            "entitlements": [],
            "authorizing_integration_owners": {},
            "data": {"id": "1", "type": 1, "name": "dream"},
        },  # type: ignore[typeddict-item,typeddict-unknown-key,arg-type]
        state=client._connection,
    )
    setattr(client, "guild_settings", NO_SETTINGS)  # noqa: B010 - the plain client has none
    setattr(client, "admin", Admin(Regimes(Database("sqlite+aiosqlite://"))))  # noqa: B010 - nor an operator
    (request,) = await asking.accept(interaction, [Ask(Recipe(), source_url="https://cdn.discordapp.com/photo.png")])
    assert request.message_id == 5


async def test_a_new_message_is_posted_under_a_nonce_that_makes_it_one(server: Server, replies: Replies) -> None:
    job = a_job()
    posted = await replies.post([job], [b"dream"])
    assert posted == Posted(Told.DONE, 5)
    (asked,) = server.asked
    assert (asked.path, asked.file) == ("/api/v10/channels/3/messages", b"dream")
    assert (asked.payload["nonce"], asked.payload["enforce_nonce"]) == (f"r{job.id}", True)
    assert asked.payload["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize("answer", [(403, 50013), (403, 50001), (429, 30046)])
async def test_what_may_not_be_posted_is_kept(server: Server, replies: Replies, answer: tuple[int, int]) -> None:
    server.answers = [answer]
    assert (await replies.post([a_job()], [b"dream"])).told is Told.BARRED


async def test_a_post_that_was_begun_is_found_by_its_buttons(server: Server, replies: Replies) -> None:
    job = a_job(posting_at=datetime(2026, 11, 24, tzinfo=UTC))

    def message(id_: int, custom_id: str, author: dict[str, Any]) -> dict[str, Any]:
        button = {"type": 2, "style": 2, "label": "Delete", "custom_id": custom_id, "id": 3}
        row = {"type": 1, "id": 2, "components": [button]}
        box = {"type": 17, "id": 1, "components": [row], "accent_color": None, "spoiler": False}
        return {**MESSAGE, "id": str(id_ << 22), "author": author, "components": [box], "flags": 1 << 15}

    now = int((datetime(2026, 11, 24, tzinfo=UTC) - datetime(2015, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    somebody = {**USER, "id": "10", "bot": False}
    server.history = [
        message(now + 1, f"oneiros:delete:{job.id}", somebody),
        message(now + 2, f"oneiros:delete:1{job.id}", USER),
    ]
    assert await replies.find([job]) is None
    server.history.append(message(now + 3, f"oneiros:delete:{job.id}", USER))
    assert await replies.find([job]) == Posted(Told.DONE, now + 3 << 22)


async def test_where_it_may_not_look_it_does_not_post_a_second_time(server: Server, replies: Replies) -> None:
    server.history = None
    found = await replies.find([a_job(posting_at=datetime(2026, 11, 24, tzinfo=UTC))])
    assert found == Posted(Told.BARRED)
