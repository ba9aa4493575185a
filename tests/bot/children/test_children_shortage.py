"""A machine that is short of something for a while: it is said so, is nobody's fault, and passes."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import resource
from collections.abc import Iterator

import pytest
from PIL import Image

from bot import handles
from bot.children.shortage import ShortageError, is_shortage, passes
from bot.errors import UserError
from bot.images.download import Downloader
from bot.intake.decoder import Decoder
from bot.jobs.failing import sentence_for
from engine.errors import EngineError
from engine.sentences import Sentence


@contextlib.contextmanager
def no_handle_left() -> Iterator[None]:
    """Let this process open nothing more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_what_the_system_lacks_is_told_from_what_is_wrong() -> None:
    full, wrong = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    behind = EngineError("This film could not be written.")
    behind.__cause__ = full
    assert [is_shortage(one) for one in (full, behind, wrong, ValueError())] == [True, True, False, False]
    assert passes(ShortageError())
    assert not passes(UserError("No."))
    assert str(Sentence.from_text(sentence_for(full, "job 1"))) == str(ShortageError())


async def test_without_handles_a_picture_waits_and_is_not_blamed() -> None:
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "PNG")
    decoder, downloader = Decoder(), Downloader(["http://127.0.0.1:1"], max_bytes=1)
    try:
        with no_handle_left():
            with pytest.raises(ShortageError):
                await decoder.clean(data.getvalue(), 64)
            with pytest.raises(ShortageError):
                await downloader.fetch("http://127.0.0.1:1/cat.png")
            assert not handles.are_left()
        assert handles.are_left()
        assert (await decoder.clean(data.getvalue(), 64)).width == 8
    finally:
        await decoder.stop()
        await downloader.close()


def test_as_many_handles_are_taken_as_there_may_be() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, hard), hard))
        handles.take()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (min(hard, handles.MOST), hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
