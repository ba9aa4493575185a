"""Frames: what was packed is read again, and nothing else is taken for a frame."""

import asyncio
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.children import frames
from bot.children.frames import Frame, FrameError

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
any_frame = st.builds(
    Frame,
    st.text(max_size=20),
    st.dictionaries(st.text(max_size=10).filter(lambda name: name != "kind"), plain, max_size=4),
    st.binary(max_size=300),
)


async def _read_async(data: bytes) -> Frame:
    stream = asyncio.StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    return await frames.read_async(stream)


@given(any_frame)
def test_both_readers_read_what_was_packed(frame: Frame) -> None:
    data = frames.pack(frame) + frame.body
    assert frames.read(io.BytesIO(data)) == frame
    assert asyncio.run(_read_async(data)) == frame


@given(any_frame, st.data())
def test_a_frame_cut_short_is_the_end_of_the_stream(frame: Frame, data: st.DataObject) -> None:
    whole = frames.pack(frame) + frame.body
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(EOFError):
        frames.read(io.BytesIO(cut))


@given(st.binary(min_size=8, max_size=200))
def test_noise_is_an_end_or_a_frame_error_and_never_anything_else(noise: bytes) -> None:
    try:
        frames.read(io.BytesIO(noise))
    except (EOFError, FrameError):
        return
    assert noise[8:9] == b"{"


def test_lengths_that_no_frame_has_are_refused_before_anything_is_allocated() -> None:
    with pytest.raises(FrameError):
        frames.read(io.BytesIO(struct.pack(">II", 10, 2**32 - 1)))
    with pytest.raises(FrameError):
        frames.pack(Frame("note", {"text": "x" * frames.MAX_HEADER_BYTES}))


@pytest.mark.parametrize("value", [None, "7", True, 7.5, [7]])
def test_a_field_of_the_wrong_type_is_refused(value: object) -> None:
    with pytest.raises(FrameError):
        Frame("clean", {"width": value}).integer("width")


def test_deeply_nested_json_is_refused() -> None:
    header = b'{"kind":' + b"[" * 30_000
    with pytest.raises(FrameError):
        frames.read(io.BytesIO(struct.pack(">II", len(header), 0) + header))
