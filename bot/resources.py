"""What the settings name: the token, the database, the stores, the pool. What is wrong is said in a sentence."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from sqlalchemy import make_url

from bot.gallery.service import AddressOf
from bot.images.download import Downloader
from bot.images.objects import Objects, StoreUrlError
from bot.images.store import ImageStore
from bot.pool.devices import devices_of
from bot.pool.interface import Pool
from bot.pool.local import Limits as WorkerLimits
from bot.pool.local import LocalPool
from bot.pool.process import MIBI
from bot.settings import Settings
from bot.store import quotas
from bot.store.blobs import BlobStore
from bot.store.database import Database, default_url

Served: TypeAlias = Literal["METRICS", "WEB"]  # as the settings of their addresses begin

log = logging.getLogger(__name__)

DISCORD_HOSTS = frozenset({"discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TOKEN_REFUSED = "Discord does not take this token: make a new one in its developer portal."  # noqa: S105 - a sentence
NOT_REACHED = "Discord could not be reached at {host}: check the network and DISCORD_API."


class StartError(Exception):
    """The bot cannot start: what is wrong, and what to do."""


def not_served(what: Served, bind: str, port: int, error: OSError) -> StartError:
    """Say that nothing can be served at an address, and which settings, ``…_BIND`` and ``…_PORT``, name it."""
    name = {"METRICS": "Metrics", "WEB": "The pages"}[what]
    return StartError(
        f"{name} cannot be served on {bind}, port {port}: {error.strerror}. Set {what}_BIND and {what}_PORT to an "
        "address of this machine that is free."
    )


def token_of(settings: Settings) -> str:
    """Return the bot's token. Raises StartError where there is none."""
    token = settings.discord_token.get_secret_value() if settings.discord_token is not None else ""
    if settings.discord_token_file is not None:
        token = _secret("DISCORD_TOKEN_FILE", settings.discord_token_file, "token")
    if not token.strip():
        raise StartError(
            "There is no bot token: oneiros init asks for it; or set DISCORD_TOKEN, or DISCORD_TOKEN_FILE to a file "
            "that holds it. To try the bot without one: make demo."
        )
    return token.strip()


def _secret(name: str, file: Path, what: str) -> str:
    try:
        return file.read_text()
    except OSError as error:
        raise StartError(f"{name} cannot be read: {error.strerror}. Check its path.") from error
    except UnicodeDecodeError:
        raise StartError(f"{name} holds no text: it should hold the {what} and nothing else.") from None


def check_api(settings: Settings) -> None:
    """Keep the token from going where nobody meant it to go. Raises StartError."""
    host = api_host(settings)
    if host in DISCORD_HOSTS or host in LOOPBACK:
        return
    if not settings.discord_elsewhere:
        raise StartError(
            f"DISCORD_API names {host or 'no host'}, which is neither Discord nor on this machine, and would get the "
            "bot's token. Set DISCORD_ELSEWHERE=true if that is meant."
        )
    log.warning("the bot's token goes to %s", host)


def api_host(settings: Settings) -> str:
    """Return the host that the REST base names, or nothing."""
    return urlsplit(settings.discord_api).hostname or ""


def downloader_of(origins: list[str], max_bytes: int) -> Downloader:
    """Return what downloads from DISCORD_CDN's origins. Raises StartError where one is none."""
    try:
        return Downloader(origins, max_bytes)
    except ValueError as error:
        raise StartError(f"DISCORD_CDN cannot be used: {error}.") from error


def database_url(settings: Settings) -> str:
    """Return the database's address, with its password. Raises StartError."""
    url = settings.database_url or default_url(settings.data_dir)
    if settings.database_password_file is None:
        return url
    password = _secret("DATABASE_PASSWORD_FILE", settings.database_password_file, "password").strip()
    return make_url(url).set(password=password).render_as_string(hide_password=False)


async def images_of(settings: Settings, database: Database) -> ImageStore:
    """Return the image store, which can be written. Raises StartError."""
    objects = objects_of(settings)
    try:
        await objects.check()
    except StoreUrlError as error:
        raise StartError(str(error)) from error
    return ImageStore(objects, BlobStore(database))


def objects_of(settings: Settings) -> Objects:
    """Return the object store, which nobody has tried yet. Raises StartError."""
    try:
        return Objects(settings.store_url or settings.data_dir / "pictures")
    except StoreUrlError as error:
        raise StartError(str(error)) from error


def address_of(settings: Settings) -> AddressOf | None:
    """Return where entries are on the web, as people elsewhere can reach it."""
    if settings.web_url is None:
        return None
    root = settings.web_url.rstrip("/")
    return lambda gallery, entry: f"{root}/g/{gallery.web_key}/e/{entry.slug}"


def caps_of(of: Settings) -> quotas.Caps:
    """Return how much a person, a server and all together may ask for."""
    return quotas.Caps(
        person=quotas.Limits(of.max_queued_per_person, of.max_running_per_person, of.max_gflop_a_day_per_person),
        server=quotas.Limits(of.max_queued_per_server, of.max_running_per_server, of.max_gflop_a_day_per_server),
        whole=quotas.Limits(of.max_queued, of.max_running, of.max_gflop_a_day),
        new_days=of.new_account_days,
    )


async def pool_of(settings: Settings) -> Pool:
    """Return the workers, which nobody has started yet. Raises StartError and PoolError."""
    limits = WorkerLimits(
        memory_bytes=settings.worker_memory_mib and settings.worker_memory_mib * MIBI,
        cache_bytes=settings.network_cache_mib * MIBI,
        recycle_after=settings.recycle_after,
    )
    if settings.pool == "local":
        return LocalPool(await devices_of(settings.devices), limits)
    try:
        from bot.pool.ray_pool import RayPool
    except ImportError as error:
        raise StartError("POOL=ray needs Ray, which is not installed: pip install 'oneiros[cluster]'.") from error
    return RayPool(settings.ray_address, limits, most=settings.ray_workers)
