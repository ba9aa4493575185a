"""The object store: bytes by key, in a folder or in an S3 bucket. A key is written whole and lasts, or is not there."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store, from_url

from bot.errors import PassingError
from bot.images.addresses import is_loopback
from engine.sentences import mark

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

# Of an S3 server: what a person waits for an answer, and what holds a change of the database up while it lasts.
ASK_S, DELETE_S = 60.0, 10.0
OUT_OF_REACH = mark("I cannot reach my pictures right now: please try again in a minute.")
_KEYS = "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do there"
_PLACE = "check AWS_ENDPOINT_URL, AWS_REGION and the bucket's name"
_RETRY: RetryConfig = {
    "max_retries": 6,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=3), "base": 2},
}


class StoreUrlError(ValueError):
    """STORE_URL names nothing that can be used; ``str(error)`` says why, and what to do."""


class OutOfReachError(PassingError):
    """The object store did not do what was asked, and may do it later."""

    def __init__(self) -> None:
        super().__init__(
            OUT_OF_REACH, "the object store (STORE_URL): see its room, whose it is, and whether it is reached"
        )


class Objects:
    """Objects in a folder, or under ``s3://bucket/prefix``. Nothing here blocks the event loop.

    Of S3, the endpoint, the region and the keys are what the environment's AWS_* say when this is built. Every method
    raises OutOfReachError where the store does not answer in time or refuses.
    """

    def __init__(self, at: Path | str) -> None:
        """Name the store; a folder is made when it is first used. Raises StoreUrlError."""
        self._folder: Path | None
        self._store: LocalStore | S3Store | None = None
        if isinstance(at, str) and at.partition("://")[0].lower() == "s3":
            self._name, self._folder = at, None
            self._store = _bucket(at)
        else:
            self._folder = _folder(at)
            self._name = str(self._folder)

    def __str__(self) -> str:
        return self._name

    @property
    def folder(self) -> Path | None:
        """The folder that the objects are in; None for a bucket."""
        return self._folder

    def _opened(self) -> LocalStore | S3Store:
        if self._store is None:
            self._store = LocalStore(self._folder, mkdir=True)
        return self._store

    async def put(self, key: str, data: bytes) -> None:
        """Write an object, in place of one that is there; when this returns, it survives a power cut."""
        async with _answered():
            await obstore.put_async(self._opened(), key, data)
            if self._folder is not None:  # obstore renames into place, but does not fsync
                await asyncio.to_thread(_sync, self._folder, key)

    async def get(self, key: str) -> bytes | None:
        """Return an object's bytes, None where there is none."""
        async with _answered():
            try:
                found = await obstore.get_async(self._opened(), key)
                return bytes(await found.bytes_async())
            except FileNotFoundError as error:
                _check_bucket(error)
                return None

    async def has(self, key: str) -> bool:
        """Tell whether an object is there."""
        async with _answered():
            try:
                await obstore.head_async(self._opened(), key)
            except FileNotFoundError:
                return False
            return True

    async def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        async with _answered(DELETE_S):
            try:
                await obstore.delete_async(self._opened(), key)
            except FileNotFoundError as error:
                _check_bucket(error)

    async def check(self) -> None:
        """Write, read and remove a small object. Raises StoreUrlError where that cannot be done."""
        key, data = f"checks/{secrets.token_hex(8)}", secrets.token_bytes(16)
        try:
            await self.put(key, data)
            found = await self.get(key)
            await self.delete(key)
        except OutOfReachError as error:
            raise StoreUrlError(f"STORE_URL: {self._what} cannot be written: {self._reason(error)}.") from error
        if found != data:
            raise StoreUrlError(f"STORE_URL: {self._what} does not give back what was written: use another one.")

    @property
    def _what(self) -> str:
        return f"the folder {self}" if self._folder is not None else f"the bucket {self}"

    def _reason(self, error: OutOfReachError) -> str:
        """Say why; never with the error's own text, which holds pages of what was asked, and how."""
        cause = error.__cause__
        if self._folder is not None:
            return f"{getattr(cause, 'strerror', None) or 'the disk refuses'}; check whose it is, and the disk's space"
        if isinstance(cause, PermissionDeniedError | UnauthenticatedError | PermissionError):
            return f"it does not let us in; {_KEYS}"
        if isinstance(cause, FileNotFoundError):
            return f"there is no such bucket; {_PLACE}"
        if "credential" in str(cause).lower():
            return f"nothing says with which key; {_KEYS}"
        return f"it does not answer; {_PLACE}"


@asynccontextmanager
async def _answered(within_s: float = ASK_S) -> AsyncIterator[None]:
    """Raise OutOfReachError for all that goes wrong, its cause with it."""
    try:
        async with asyncio.timeout(within_s):
            yield
    except (BaseError, OSError) as error:  # TimeoutError is one of the latter
        raise OutOfReachError from error


def _check_bucket(error: FileNotFoundError) -> None:
    """A bucket that is gone has lost nothing that we know of: it may come back."""
    if "NoSuchBucket" in str(error):
        raise error


def _folder(at: Path | str) -> Path:
    if isinstance(at, Path):
        return at
    scheme, there, _ = at.partition("://")
    if not there:
        return Path(at)
    if scheme.lower() != "file" or urlsplit(at).netloc not in {"", "localhost"}:
        raise StoreUrlError("STORE_URL is neither a folder nor s3://bucket/prefix: write one of these.")
    return Path(url2pathname(urlsplit(at).path))


def _bucket(url: str) -> S3Store:
    parts = urlsplit(url)
    if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise StoreUrlError("STORE_URL is no address of a bucket: write s3://bucket or s3://bucket/prefix.")
    plain = [
        (name, urlsplit(value).hostname or "")
        for name, value in os.environ.items()
        if name.upper().startswith("AWS_ENDPOINT") and value.lower().startswith("http:")
    ]
    for name, host in plain:
        if not is_loopback(host):
            raise StoreUrlError(f"{name} is not https: only a server on this machine may do without.")
    client: ClientConfig = {
        "allow_http": bool(plain),
        "connect_timeout": timedelta(seconds=5),
        "timeout": timedelta(seconds=30),
    }
    try:
        store = from_url(url, client_options=client, retry_config=_RETRY)
    except (BaseError, ValueError) as error:
        raise StoreUrlError("STORE_URL is no address of a bucket: write s3://bucket or s3://bucket/prefix.") from error
    if not isinstance(store, S3Store):
        raise StoreUrlError("STORE_URL is no address of a bucket: write s3://bucket or s3://bucket/prefix.")
    return store


def _sync(root: Path, key: str) -> None:
    path = root / key
    try:
        _fsync(path)
    except FileNotFoundError:  # deleted already, by somebody who no longer wants it
        return
    if os.name != "posix":
        return  # Windows knows no fsync of folders
    for folder in path.parents:
        _fsync(folder)
        if folder == root:
            return


def _fsync(path: Path) -> None:
    # Windows flushes only what is open for writing, POSIX opens no folder for it.
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
