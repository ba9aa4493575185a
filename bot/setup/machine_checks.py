"""What the doctor looks for on this machine. Each check returns a sentence, or raises one that says what to do."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

import aiohttp
from pydantic_settings import DotEnvSettingsSource
from yarl import URL

from bot.images.objects import StoreUrlError
from bot.pool import machine
from bot.pool.devices import may_have_gpus, try_gpus
from bot.pool.local import LEAST_MEMORY_BYTES, Limits, Run, plans
from bot.pool.process import MIBI
from bot.resources import Served, StartError, database_url, not_served, objects_of
from bot.settings import Settings
from bot.setup.examined import Examined
from bot.store import copying
from bot.store.database import sqlite_file
from bot.store.opening import address, said
from bot.store.upgrade import check_schema
from engine import networks as known

GIBI = 1024 * MIBI
ANSWER_S = 2.0  # of a server on this machine
LEAST_DISK_BYTES = GIBI  # about a thousand dreams with their photos


async def settings(examined: Examined) -> str:
    """Does the file hold what it should, and for its owner only?"""
    file = examined.file
    if file is None:
        return "They come from the environment: there is no settings file."
    named = DotEnvSettingsSource(Settings, env_file=file).env_vars
    unknown = sorted(name.upper() for name in named.keys() - Settings.model_fields.keys())
    if unknown:
        raise StartError(
            f"{file} has names that no setting has: {', '.join(unknown)}. Correct them (oneiros settings lists all); "
            "what is no setting of ours, as AWS_…, belongs into the environment."
        )
    if os.name == "posix" and named.get("discord_token") and file.stat().st_mode & 0o077:
        raise StartError(f"Others on this machine can read the token in {file}: chmod 600 {file}")
    return f"They come from {file}, under what the environment says."


async def database(examined: Examined) -> str:
    """Is it there, whole, and of this version?"""
    url = address(database_url(examined.settings))
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return f"There is none yet: the bot's first start makes {file}."
    with said(file):
        if file is not None:
            await asyncio.to_thread(copying.check, file)
        revision = await check_schema(url)
    return f"It is whole, and at the newest revision, {revision}."


async def pictures(examined: Examined) -> str:
    """Can the object store be written and read?"""
    objects = objects_of(examined.settings)
    try:
        await objects.check()
    except StoreUrlError as error:
        raise StartError(str(error)) from error
    return f"{objects} takes and gives pictures."


async def networks(examined: Examined) -> str:  # noqa: ARG001 - as the other checks
    """Are the weights that are here those we know?"""
    here = []
    for name, entry in known.REGISTRY.items():
        if entry.package or known.is_here(entry):
            await asyncio.to_thread(known.check, entry, known.weights_path(entry))
            here.append(name)
    others = sorted(known.REGISTRY.keys() - set(here))
    fetched = f" To have others: oneiros networks fetch {' '.join(others)}" if others else ""
    return f"Whole and here: {', '.join(here)}.{fetched}"


async def devices(examined: Examined) -> str:
    """Can what is to dream compute?"""
    if examined.settings.pool == "ray":
        if find_spec("ray") is None:
            raise StartError("POOL=ray needs Ray, which is not installed: pip install 'oneiros[cluster]'.")
        return "Dreams go to the Ray cluster, whose nodes are not looked at here."
    named = await examined.devices()
    if named == ["cpu"] and (examined.settings.devices != "auto" or not may_have_gpus()):
        return f"Dreams take the CPU, {machine.cores()} cores."
    gpus = await try_gpus()
    if gpus.trouble:
        raise StartError(
            f"A GPU cannot compute: {gpus.trouble}. Update its driver, or install a PyTorch that fits it; DEVICES=cpu "
            "does without."
        )
    if named == ["cpu"]:
        raise StartError(
            f"There is a GPU's driver here, and PyTorch {gpus.torch} sees no GPU: install a PyTorch that is built for "
            "it, or set DEVICES=cpu to do without."
        )
    for device in named:
        if device.startswith("cuda") and int(device.partition(":")[2] or 0) >= len(gpus.names):
            raise StartError(f"DEVICES names {device}, and PyTorch {gpus.torch} sees {len(gpus.names)} GPUs.")
    seen = ", ".join(gpus.names)
    return f"Dreams take {', '.join(named)}; PyTorch {gpus.torch} computes on {seen}."


async def ports(examined: Examined) -> str:
    """Can metrics and the galleries' pages be served where the settings say?"""
    told = examined.settings
    named: dict[Served, tuple[str, int | None]] = {
        "METRICS": (told.metrics_bind, told.metrics_port),
        "WEB": (told.web_bind, told.web_port),
    }
    found = [f"{what}_PORT {await _port(what, bind, port)}" for what, (bind, port) in named.items() if port is not None]
    return f"{', '.join(found)}." if found else "METRICS_PORT and WEB_PORT are not set: neither is served."


async def _port(what: Served, bind: str, port: int) -> str:
    try:
        server = await asyncio.get_running_loop().create_server(asyncio.Protocol, bind, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and await _is_served(bind, port):
            return "is served already, as by a bot that runs"
        raise not_served(what, bind, port, error) from error
    server.close()
    return "is free"


async def _is_served(bind: str, port: int) -> bool:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(ANSWER_S)) as session,
            session.get(URL.build(scheme="http", host=bind, port=port)),
        ):
            return True
    except (aiohttp.ClientError, OSError):  # TimeoutError is one of the latter
        return False


async def disk(examined: Examined) -> str:
    """Is there space, and may we write?"""
    folder = examined.settings.data_dir.absolute()
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return await asyncio.to_thread(_try_disk, folder, there)


def _try_disk(folder: Path, there: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except OSError as error:
        raise StartError(
            f"DATA_DIR, {folder}, cannot be written: {error.strerror}. Check whose {there} is, or name another."
        ) from error
    if free < LEAST_DISK_BYTES:
        raise StartError(
            f"{free / GIBI:.1f} GiB are free in {there}: make room, or let pictures go sooner (RETENTION_DAYS)."
        )
    return f"{free / GIBI:.0f} GiB are free in {there}."


async def memory(examined: Examined) -> str:
    """Is there enough for the workers?"""
    total, free = machine.memory_bytes(), machine.free_bytes()
    if examined.settings.pool == "local":
        limit = examined.settings.worker_memory_mib
        workers = plans(await examined.devices(), Limits(memory_bytes=limit and limit * MIBI), Run())
        wanted = sum(plan.memory_bytes for plan in workers)
        if wanted > total:
            raise StartError(
                f"{len(workers)} workers may take {wanted / GIBI:.1f} GiB, and there are {total / GIBI:.1f}: name "
                "fewer DEVICES, or lower WORKER_MEMORY_MIB."
            )
        if free < LEAST_MEMORY_BYTES:
            raise StartError(f"{free / GIBI:.1f} GiB are free, and a worker takes about one: close other programs.")
    return f"{free / GIBI:.1f} of {total / GIBI:.1f} GiB are free."
