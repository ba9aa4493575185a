"""A wrong message is refused where it is wrong, with Discord's name and words for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from emulator_wrong_bodies import (
    EPHEMERAL,
    OF_BUTTONS,
    OF_LAYOUTS,
    QUIET,
    REQUIRED,
    RIGHT,
    TEXT,
    TYPE,
    V2,
    WRONG,
    button,
    embed,
    rows,
    v2,
)
from loopback import openapi_or_none

from bot.emulator.checks.form import Form
from bot.emulator.checks.messages import EDIT_FLAGS, SEND_FLAGS, check_message, check_reference
from bot.emulator.checks.openapi import Description
from bot.emulator.errors import nested
from bot.emulator.remote import Remote
from bot.emulator.server import Addresses, Emulator, Options


@pytest.fixture
def options() -> Options:
    return Options(openapi=openapi_or_none(), rate_limits=False)


def codes(form: Form, path: str) -> list[str]:
    """The codes at a place of the nested errors that Discord would answer with."""
    errors: dict[str, Any] = nested(form.findings)
    for step in path.split(".") if path else []:
        errors = errors.get(step, {})
    return [one["code"] for one in errors.get("_errors", [])]


@pytest.mark.parametrize(("body", "path", "code"), WRONG, ids=[f"{p}:{c}" for _, p, c in WRONG])
def test_a_wrong_message_is_refused_where_and_why(body: Any, path: str, code: str) -> None:
    form = Form()
    check_message(form, body, files=["a.png"])
    assert code in codes(form, path), form.findings


@pytest.mark.parametrize("body", RIGHT)
def test_a_message_at_every_limit_is_taken(body: dict[str, Any]) -> None:
    form = Form()
    check_message(form, body, files=["a.png"])
    assert form.findings == []
    assert form.passed_over == []


@pytest.mark.openapi
def test_discords_description_takes_what_is_taken_here(openapi: Path) -> None:
    description = Description(openapi)
    for body in RIGHT:
        assert description.request("POST", "/channels/{channel_id}/messages", body) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"content": "x" * 2001}, "Must be 2000 or fewer in length."),
        (rows(button(custom_id="x" * 101)), "Must be between 1 and 100 in length."),
        ({"components": [TEXT]}, 'Value of field "type" must be one of (1,).'),
        (rows(TEXT), 'Value of field "type" must be one of (2, 3, 5, 6, 7, 8).'),
        (v2(button()), 'Value of field "type" must be one of (1, 9, 10, 12, 13, 14, 17).'),
        (
            embed(thumbnail={"url": "None"}),
            "Scheme \"none\" is not supported. Scheme must be one of ('http', 'https').",
        ),
        (embed(color=-1), "int value should be greater than or equal to 0."),
        ({"attachments": [{"id": "startup"}]}, 'Value "startup" is not snowflake.'),
        (
            {"allowed_mentions": {"parse": ["roles"], "roles": ["1"]}},
            'parse:["roles"] and roles: [ids...] are mutually exclusive.',
        ),
    ],
)
def test_the_words_are_discords(body: Any, words: str) -> None:
    form = Form()
    check_message(form, body)
    assert [one.message for one in form.findings] == [words]


def test_an_edit_of_a_v2_message_must_say_again_that_it_is_one() -> None:
    form = Form()
    check_message(form, {"components": [TEXT]}, was_v2=True)
    assert codes(form, "components.0") == [TYPE]
    form = Form()
    check_message(form, {"content": "back again"}, was_v2=True)
    assert codes(form, "content") == ["MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"]


@pytest.mark.parametrize(("flags", "allowed"), [(EPHEMERAL, SEND_FLAGS), (QUIET, EDIT_FLAGS), (1 << 7, SEND_FLAGS)])
def test_a_flag_that_cannot_be_set_is_passed_over_and_told(flags: int, allowed: int) -> None:
    form = Form()
    check_message(form, {"content": "x", "flags": flags}, flags=allowed)
    assert form.findings == []
    assert [one.path for one in form.passed_over] == [("flags",)]


@pytest.mark.parametrize(
    ("reference", "path", "code"),
    [
        ({"message_id": 1}, "message_reference", "REPLIES_UNKNOWN_MESSAGE"),
        ({"message_id": "x"}, "message_reference.message_id", "NUMBER_TYPE_COERCE"),
        ({}, "message_reference.message_id", REQUIRED),
        ({"message_id": 1, "channel_id": 2}, "message_reference", "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL"),
        ({"message_id": 1, "fail_if_not_exists": False}, "message_reference", None),
    ],
)
async def test_a_reply_names_a_message_of_its_channel(
    emulator: tuple[Emulator, Addresses], reference: dict[str, Any], path: str, code: str | None
) -> None:
    channel = next(iter(emulator[0].world.channels.values()))
    form = Form()
    check_reference(form, {"message_reference": reference}, channel)
    assert codes(form, path) == ([code] if code else [])


async def test_a_refused_message_is_recorded_and_leaves_nothing(emulator: tuple[Emulator, Addresses]) -> None:
    running, addresses = emulator
    channel = next(iter(running.world.channels))
    headers = {"Authorization": f"Bot {addresses.bot_token}"}
    url = f"{addresses.api}/channels/{channel}/messages"
    async with aiohttp.ClientSession(headers=headers) as session:
        for body, _, code in [*OF_BUTTONS, *OF_LAYOUTS]:
            async with session.post(url, json=body) as response:
                answer = await response.json()
            assert (response.status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
            assert code in str(answer["errors"])
    assert {one["kind"] for one in running.world.violations} == {"body"}
    assert not running.world.channels[channel].messages


@pytest.mark.openapi
async def test_what_is_taken_comes_back_as_the_description_says(
    openapi: Path, emulator: tuple[Emulator, Addresses], picture: bytes
) -> None:
    running, addresses = emulator
    channel = next(iter(running.world.channels))
    url = f"{addresses.api}/channels/{channel}/messages"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {addresses.bot_token}"}) as session:
        for body in RIGHT:
            text = {} if body.get("flags", 0) & V2 else {"content": "rows alone are an empty message"}
            form = aiohttp.FormData({"payload_json": json.dumps(text | body)}, default_to_multipart=True)
            if "a.png" in str(body) or "components" not in body:
                form.add_field("files[0]", picture, filename="a.png")
            async with session.post(url, data=form) as response:
                assert response.status == 200, (body, await response.text())
    assert [one for one in running.world.violations if one["kind"] == "response"] == []


async def test_an_embeds_picture_is_one_of_the_messages_files(
    emulator: tuple[Emulator, Addresses], remote: Remote, picture: bytes
) -> None:
    running, addresses = emulator
    channel = next(one for one in running.world.channels.values() if one.name == "dreams")
    body = embed(title=" A dream ", image={"url": "attachment://a.png"}, video={"url": "https://a.example"})
    form = aiohttp.FormData({"payload_json": json.dumps(body)})
    form.add_field("files[0]", picture, filename="a.png")
    headers = {"Authorization": f"Bot {addresses.bot_token}"}
    url = f"{addresses.api}/channels/{channel.id}/messages"
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, data=form) as response:
        message = await response.json()
    assert message["attachments"] == [], "what an embed shows is not shown twice"
    [shown] = message["embeds"]
    assert (shown["title"], "video" in shown) == ("A dream", False)
    assert (shown["image"]["width"], shown["image"]["height"]) == (48, 32)
    assert await remote.download(shown["image"]["url"]) == picture
