"""What every test may use: the things a machine may lack, and photos."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import browsers
import buckets
import databases
import folders
import hypothesis
import pytest
from PIL import Image
from playwright.async_api import Browser, async_playwright, expect

from engine import EngineError, Picture

if TYPE_CHECKING:
    from engine.quality.judge import Judge

# In CI every run tries the same examples; at a desk each run tries new ones; `make long` tries many.
A_FEW, MANY = 40, 500
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, max_examples=A_FEW)
hypothesis.settings.register_profile("desk", deadline=None, max_examples=A_FEW)
hypothesis.settings.register_profile("long", deadline=None, max_examples=MANY)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")

ROOT = Path(__file__).parent.parent
POOL = "tests/bot/pool/"

# What a page comes to show is waited for as long as anything else: of itself playwright gives up after 5 s.
expect.set_options(timeout=60_000)

# Processes that test side by side share the cores: none of them, nor a child of theirs, computes with more than one
# thread. Set before torch is loaded, which reads it then.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell that starts the tests in the background has them, and all their children, ignore what Ctrl-C sends.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out a file at a time to the processes that test; the pool's files together, for they share a Ray cluster."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return POOL if nodeid.startswith(POOL) else str(super()._split_scope(nodeid))

    return ByFile(config, log)


def missing(what: str, cure: str) -> None:
    """Skip for want of ``what``; fail where REQUIRE names it."""
    if what in os.environ.get("REQUIRE", "").split(","):
        pytest.fail(f"{what} is required here and missing: {cure}")
    pytest.skip(f"no {what}: {cure}")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path."""
    path = browsers.found()
    if path is None:
        missing("chromium", "sudo apt-get install chromium-headless-shell, or set CHROME to a browser's path")
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


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """A third of the time of a test with a database would go there."""
    with databases.compiling_once():
        yield


@pytest.fixture(scope="session")
def s3() -> Iterator[buckets.Server]:
    """An S3 server, started for this run; a test that stops it starts it again."""
    with buckets.running() as server:
        yield server


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[folders.Builder, folders.Stage]]:
    """The container's image, built once in folders: whoever built it, and its last stage.

    lite0 stands for weights that are baked in: its come without a download.
    """
    try:
        with folders.building(tmp_path_factory.mktemp("image")) as builder:
            yield builder, builder.build(ROOT / "Dockerfile", {"NETWORKS": "lite0"})
    except OSError as error:
        missing("overlay", f"run the tests on Linux as root, who may mount ({error})")


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


@pytest.fixture(scope="session")
def browser_server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one browser for the run, which asks nothing of the world outside."""
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    config = tmp_path_factory.mktemp("browser") / "launch.json"
    config.write_text(json.dumps({"executablePath": chromium, "args": quiet}))
    command = [sys.executable, "-m", "playwright", "launch-server", "--browser", "chromium", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # what the command starts, which ends the browser, would live on
            process.stdout.read()  # to its end, which is theirs


@pytest.fixture
async def browser(browser_server: str) -> AsyncIterator[Browser]:
    """The run's browser, with nothing in it but what the test opens."""
    async with async_playwright() as playwright:
        connected = await playwright.chromium.connect(browser_server)
        yield connected
        await connected.close()
