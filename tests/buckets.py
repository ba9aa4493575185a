"""An S3 server of the tests' own, on loopback: moto's, in a process of its own, which can be stopped and started again.

What is in its buckets outlives that, as a disk would have it.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from databases import free_port

KEY, SECRET = "tests-key", "tests-secret-key"
# Stopped, the server's port refuses; its objects are this process's.
PROGRAM = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.disable()
server = None
for line in sys.stdin:
    if line.strip() == "start":
        server = ThreadedMotoServer("127.0.0.1", int(sys.argv[1]), verbose=False)
        server.start()
    else:
        server.stop()
    print("done", flush=True)
"""


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    port: int
    serves: bool = False
    _names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def environment(self) -> dict[str, str]:
        """What a program must have in its environment to use it."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    def bucket(self) -> str:
        """Make a bucket; returns an address in it."""
        name = f"bucket-{next(self._names)}"
        self._ask(name, "PUT")
        return f"s3://{name}/pictures of people"

    def keys(self, url: str) -> list[str]:
        """Return what is in the bucket of an address."""
        listed = self._ask(url.split("/")[2] + "?list-type=2", "GET").decode()
        return [one.partition("</Key>")[0] for one in listed.split("<Key>")[1:]]

    def start(self) -> None:
        """Let it serve, if it does not."""
        if not self.serves:
            self._tell("start")
        self.serves = True

    def stop(self) -> None:
        """Let it refuse every connection."""
        self._tell("stop")
        self.serves = False

    def _tell(self, word: str) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n", "the S3 server has died"

    def _ask(self, what: str, method: str) -> bytes:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{what}", method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return bytes(answer.read())


@contextmanager
def running() -> Iterator[Server]:
    """Run a server on a port of its own."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
    )
    try:
        server = Server(process, port)
        server.start()
        yield server
    finally:
        process.kill()
        process.wait(timeout=20)
