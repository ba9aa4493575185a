from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import service_harness
from PIL import Image
from service_harness import Bot, Chat


@pytest.fixture(scope="session")
def discord() -> Iterator[dict[str, str]]:
    """One loopback Discord for the run; its addresses."""
    with service_harness.discord_process("--no-rate-limits") as addresses:  # previews are hurried
        yield addresses


@pytest.fixture(scope="session")
def bot(discord: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """One bot for all tests that do not end it."""
    data = tmp_path_factory.mktemp("bot") / "data"
    with service_harness.bot_process(discord, data, MAX_QUEUED_PER_PERSON="20") as one:
        yield one


@pytest.fixture
async def chat(discord: dict[str, str], bot: Bot) -> AsyncIterator[Chat]:
    """The chat with the bot in it."""
    async with Chat(discord) as remote:
        await remote.until_ready()
        yield remote


@pytest.fixture(scope="session")
def own_discord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A loopback Discord for the bots that are killed."""
    with service_harness.discord_process("--no-rate-limits") as addresses:
        yield addresses


@pytest.fixture
def own_bot(own_discord: dict[str, str], tmp_path: Path) -> Iterator[Bot]:
    """A bot that a test may kill; it dreams long enough to be killed meanwhile."""
    one = Bot(own_discord, tmp_path / "data", {"DREAM_SIZE": "384"})
    yield one
    one.close()


@pytest.fixture
async def own_chat(own_discord: dict[str, str]) -> AsyncIterator[Chat]:
    async with Chat(own_discord) as remote:
        await remote.until_gone()
        yield remote
        await remote.delete("faults")


@pytest.fixture(scope="session")
def operated_discord() -> Iterator[dict[str, str]]:
    """A loopback Discord that bots come to and leave servers of."""
    with service_harness.discord_process("--no-rate-limits") as addresses:
        yield addresses


@pytest.fixture(scope="session")
def operated(operated_discord: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """The bot that is operated."""
    data = tmp_path_factory.mktemp("operated") / "data"
    with service_harness.bot_process(operated_discord, data, METRICS_PORT="0", DREAM_SIZE="64") as bot:
        yield bot


@pytest.fixture
async def operated_chat(operated_discord: dict[str, str], operated: Bot) -> AsyncIterator[Chat]:
    async with Chat(operated_discord) as chat:
        await chat.until_ready()
        yield chat
        assert await chat.violations() == []


@pytest.fixture(scope="session")
def coffee() -> bytes:
    """The sample photo, as somebody would send it."""
    return (Path(__file__).parents[2] / "engine" / "data" / "coffee.jpg").read_bytes()


@pytest.fixture(scope="session")
def small_photo(coffee: bytes) -> bytes:
    """The sample photo, 120 pixels wide, as PNG."""
    return _scaled(coffee, 120)


@pytest.fixture(scope="session")
def tiny_photo(coffee: bytes) -> bytes:
    """The sample photo, 64 pixels wide, as PNG: a dream on it takes about a second."""
    return _scaled(coffee, 64)


def _scaled(photo: bytes, side: int) -> bytes:
    picture = Image.open(io.BytesIO(photo))
    picture.thumbnail((side, side))
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()
