"""What every test may use: the things a machine may lack, and photos."""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import buckets
import databases
import hypothesis
import pytest
from PIL import Image
from playwright.async_api import Browser, async_playwright

from engine import EngineError, Picture

if TYPE_CHECKING:
    from engine.quality.judge import Judge

# In CI every run tries the same examples; at a desk each run tries new ones.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.register_profile("long", deadline=None, max_examples=10_000)  # --hypothesis-profile=long
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")

ROOT = Path(__file__).parent.parent


def missing(what: str, cure: str) -> None:
    """Skip for want of ``what``; fail where REQUIRE names it."""
    if what in os.environ.get("REQUIRE", "").split(","):
        pytest.fail(f"{what} is required here and missing: {cure}")
    pytest.skip(f"no {what}: {cure}")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path."""
    path = shutil.which(os.environ.get("CHROME") or "chromium")
    if path is None:
        missing("chromium", "sudo apt-get install chromium, or set CHROME to a browser's path")
    assert path is not None
    return path


@pytest.fixture(scope="session")
def openapi() -> Path:
    """Discord's own description, as a file."""
    path = Path(os.environ.get("DISCORD_OPENAPI", ""))
    if not path.is_file():
        missing("openapi", "set DISCORD_OPENAPI to Discord's openapi.json (public, in discord/discord-api-spec)")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[databases.Server]:
    """A PostgreSQL server, started for this run."""
    folder = databases.programs()
    if folder is None:
        missing("postgres", "sudo apt-get install postgresql, or put its initdb on the PATH")
    assert folder is not None
    with databases.running(folder) as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[buckets.Server]:
    """An S3 server, started for this run; a test that stops it starts it again."""
    with buckets.running() as server:
        yield server


@pytest.fixture(scope="session")
def ray_installed() -> None:
    """Ray, the extra that a cluster takes."""
    if importlib.util.find_spec("ray") is None:
        missing("ray", "pip install 'oneiros[cluster]'")


@pytest.fixture(scope="session")
def judge() -> Judge:
    """The network that judges dreams, loaded once."""
    from engine.quality.judge import Judge

    try:
        return Judge()
    except EngineError as error:
        missing("judge", str(error))
        raise


@pytest.fixture(scope="session")
def photos() -> dict[str, Picture]:
    """The photos that the quality of dreams is judged on."""
    from engine.quality.list import PHOTOS
    from engine.quality.photos import photo

    try:
        return {name: photo(name) for name in PHOTOS}
    except EngineError as error:
        missing("judge", str(error))
        raise


@pytest.fixture
def picture() -> bytes:
    """A small real PNG."""
    out = io.BytesIO()
    Image.new("RGB", (48, 32), (180, 90, 200)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """A browser of the test's own, which asks nothing of the world outside."""
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=quiet)
        yield running
        await running.close()
