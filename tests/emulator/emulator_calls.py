"""Requests to the emulator as nobody would send them: hypothesis makes them up."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

# Bodies that are right somewhere; each is tried everywhere, whole and with some part of it replaced.
BODIES: list[Any] = [
    {"content": "x", "nonce": 1, "enforce_nonce": True, "allowed_mentions": {"parse": ["users"]}},
    {"embeds": [{"title": "x", "fields": [{"name": "a", "value": "b"}], "image": {"url": "https://a.example"}}]},
    {
        "content": "x",
        "message_reference": {"message_id": "<message_id>", "fail_if_not_exists": False},
        "sticker_ids": ["1"],
    },
    {"attachments": [{"id": 0, "filename": "a.png", "description": "x"}], "poll": {"question": {"text": "?"}}},
    {"components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "x"}]}]},
    {
        "flags": 1 << 15,
        "components": [
            {
                "type": 17,
                "components": [
                    {"type": 12, "items": [{"media": {"url": "attachment://a.png"}, "description": "x"}]},
                    {"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": {"type": 2, "style": 1}},
                    {"type": 1, "components": [{"type": 3, "options": [{"label": "x", "value": "x"}]}]},
                ],
            }
        ],
    },
    {"type": 4, "data": {"content": "x", "flags": 64}},
    {"type": 5},
    {"type": 7, "data": {"components": []}},
    {"type": 8, "data": {"choices": [{"name": "x", "value": "x"}]}},
    {
        "type": 9,
        "data": {
            "title": "x",
            "custom_id": "x",
            "components": [{"type": 18, "label": "x", "component": {"type": 4, "custom_id": "x", "style": 1}}],
        },
    },
    [{"name": "x", "description": "x", "options": [{"type": 3, "name": "x", "description": "x", "choices": []}]}],
    {"name": "x", "description": "x", "type": 1, "contexts": [0], "integration_types": [0], "name_localizations": {}},
    {"name": "x", "type": 11, "auto_archive_duration": 60, "message": {"content": "x"}},
    {"recipient_id": "<user_id>"},
    {"roles": ["<role_id>"], "nick": "x"},
    {"messages": ["<message_id>", "2"]},
    {"person": "ada", "channel": "dreams", "command": "do", "options": {"note": "x"}, "wait": False},
    {"person": "ada", "message": "<message_id>", "command": "Look", "wait": False},
    {"person": "ada", "message": "<message_id>", "custom_id": "x", "values": ["x"], "wait": False},
    {"person": "ada", "interaction": "<interaction_id>", "values": {"x": "y"}, "wait": False},
    {"person": "ada", "channel": "dreams", "content": "x", "reply_to": "<message_id>"},
    {"person": "ada", "channel": "lounge", "permission": "send_messages", "granted": True, "role": "Moderator"},
    {"username": "x", "display": "x", "guilds": ["The Lighthouse"], "locale": "de"},
    {"forward_s": 1},
]
NAMES = sorted({key for one in BODIES if isinstance(one, dict) for key in one})
RIGHT = "right"  # a placeholder of the path, filled with what is there

texts = st.text(max_size=30) | st.sampled_from(
    ["", "@me", "@original", "1", "x" * 1100, "\x00", "attachment://", "%2e%2e"]
)
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
leaves = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | texts, inner, max_size=4),
    max_leaves=12,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _places(one, (*path, key))


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A right body with some part of it replaced by whatever it is not."""
    body = copy.deepcopy(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(0, 2))):
        *way, last = draw(st.sampled_from(list(_places(body))[1:] or [("x",)]))
        at = body
        for step in way:
            at = at[step]
        at[last] = draw(values)
        if draw(st.booleans()):
            break
    return body


@dataclass(frozen=True)
class Call:
    """One request. ``ids``: how each placeholder of the path is filled; ``token``: which the request carries."""

    route: int
    ids: list[str]
    query: dict[str, str]
    body: Any
    wrapped: str
    token: str
    junk: bytes = field(default=b"", repr=False)


calls = st.builds(
    Call,
    route=st.integers(0, 10_000),
    ids=st.lists(st.just(RIGHT) | st.just(RIGHT) | st.just(RIGHT) | texts, min_size=4, max_size=4),
    query=st.dictionaries(
        st.sampled_from(
            ["limit", "before", "after", "around", "with_response", "wait", "thread_id", "person", "channel"]
        ),
        texts | st.sampled_from(["1", "-1", "true", "ada", "dreams", str(2**64)]),
        max_size=3,
    ),
    body=mutated() | values,
    wrapped=st.sampled_from(["json", "json", "json", "form", "field", "raw", "gzip", "none"]),
    token=st.sampled_from(["right", "right", "right", "right", "wrong", "none", "bytes"]),
    junk=st.binary(max_size=60),
)
