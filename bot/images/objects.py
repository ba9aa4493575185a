"""The object store: bytes by key, in a folder. A key is written whole and lasts, or is not there."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import obstore
from obstore.store import LocalStore


class Objects:
    """Objects in ``folder``. Nothing here blocks the event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store: LocalStore | None = None

    def _opened(self) -> LocalStore:
        if self._store is None:
            self._store = LocalStore(self._folder, mkdir=True)
        return self._store

    async def put(self, key: str, data: bytes) -> None:
        """Write an object, in place of one that is there; when this returns, it survives a power cut."""
        await obstore.put_async(self._opened(), key, data)
        await asyncio.to_thread(self._sync, key)  # obstore renames into place, but does not fsync

    async def get(self, key: str) -> bytes | None:
        """Return an object's bytes, None where there is none."""
        try:
            found = await obstore.get_async(self._opened(), key)
        except FileNotFoundError:
            return None
        return bytes(await found.bytes_async())

    async def has(self, key: str) -> bool:
        """Tell whether an object is there."""
        try:
            await obstore.head_async(self._opened(), key)
        except FileNotFoundError:
            return False
        return True

    async def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        try:
            await obstore.delete_async(self._opened(), key)
        except FileNotFoundError:
            return

    def _sync(self, key: str) -> None:
        path = self._folder / key
        try:
            _fsync(path)
        except FileNotFoundError:  # deleted already, by somebody who no longer wants it
            return
        if os.name != "posix":
            return  # Windows knows no fsync of folders
        for folder in path.parents:
            _fsync(folder)
            if folder == self._folder:
                return


def _fsync(path: Path) -> None:
    # Windows flushes only what is open for writing, POSIX opens no folder for it.
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
