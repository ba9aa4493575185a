"""The one place that builds, wires, starts and stops."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot import fail_points, handles, logs, workarounds
from bot.admin import Admin, Heard
from bot.admin.removal import Removal
from bot.client import Oneiros
from bot.errors import PassingError
from bot.gallery import Gallery, Moderation
from bot.gallery.mirror import Mirror
from bot.gallery.thumbnails import EntryThumbnails
from bot.gallery_channel import GalleryChannels
from bot.guilds import LOOK_EVERY_S, Guilds
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.jobs.service import Jobs, Rules
from bot.pool.interface import Pool, PoolError
from bot.pool.process import MIBI
from bot.presets import Presets, sharing
from bot.presets.thumbnails import Thumbnails
from bot.privacy import Privacy
from bot.replies import Replies
from bot.resources import (
    LOOPBACK,
    NOT_REACHED,
    TOKEN_REFUSED,
    StartError,
    address_of,
    api_host,
    caps_of,
    check_api,
    database_url,
    downloader_of,
    images_of,
    not_served,
    objects_of,
    pool_of,
    token_of,
)
from bot.settings import Settings
from bot.store.admin.regimes import Regimes
from bot.store.admin.reports import Reports
from bot.store.admin.takedowns import Takedowns
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.gallery.entries import EntryStore
from bot.store.gallery.listings import Listings
from bot.store.gallery.web import OnWeb
from bot.store.guilds import GuildStore
from bot.store.newest import Newest
from bot.store.opening import opened, opened_to_read
from bot.store.presets import PresetStore
from bot.store.privacy import PrivacyStore
from bot.store.pulse import pulse_of
from bot.store.registrations import Registrations
from bot.views.reports.channel import ReportChannel
from bot.views.reports.notices import tell_kept, tell_staying
from bot.watching.lives import Lives
from bot.web.app import Site
from bot.web.house import House
from bot.web.limits import Asker, buckets
from bot.web.memory import Memory

if TYPE_CHECKING:
    from bot.watching.wiring import Watching

log = logging.getLogger(__name__)

LOOK_SOON_S = 5.0  # where pages are served: a server that turns its own off means now


async def run(settings: Settings, log_level: str) -> int:
    """Run the bot until SIGTERM or SIGINT; returns the exit code."""
    try:
        token = token_of(settings)
        logs.set_up(log_level, [token], settings.log_format)
        check_api(settings)
        handles.take()
        _arm(settings)
        stopping = asyncio.Event()
        _on_signals(stopping)
        async with _built(settings) as client:
            return await _serve(client, token, stopping)
    except (StartError, StoreError, PoolError, PassingError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - whoever started it looks there, whatever the log level
        return 1


async def upgrade_only(settings: Settings) -> int:
    """Bring the database's schema up to date; returns the exit code."""
    logs.set_up("INFO", [])
    try:
        async with opened(database_url(settings)):
            return 0
    except (StartError, StoreError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1


async def serve_pages(settings: Settings, log_level: str) -> int:
    """Serve the galleries' pages beside the bot, until SIGTERM or SIGINT; returns the exit code."""
    logs.set_up(log_level, [], settings.log_format)
    stopping = asyncio.Event()
    _on_signals(stopping)
    try:
        if settings.web_port is None:
            raise StartError("There is no port for the pages: set WEB_PORT.")
        async with AsyncExitStack() as stack:
            database = await stack.enter_async_context(opened_to_read(database_url(settings)))
            images = ImageStore(objects_of(settings), BlobStore(database))
            admin = Admin(Regimes(database))
            guilds = Guilds(GuildStore(database), LOOK_SOON_S, is_shut_out=admin.is_shut_out)
            admin.on_changed.append(guilds.heed)
            await admin.start()
            stack.push_async_callback(admin.stop)
            await guilds.start()
            stack.push_async_callback(guilds.stop)
            await _serve_pages(stack, settings, database, images, guilds)
            await stopping.wait()
            return 0
    except (StartError, StoreError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1


async def _serve_pages(
    stack: AsyncExitStack, settings: Settings, database: Database, images: ImageStore, guilds: Guilds
) -> None:
    """Begin to serve the galleries' pages, where they have a port. Raises StartError."""
    if settings.web_port is None:
        return
    house = House(
        guilds=guilds,
        listings=Listings(database),
        on_web=OnWeb(database),
        images=images,
        memory=Memory(pulse_of(database_url(settings))),
        address=settings.web_url or "",
    )
    site = Site(house, settings.web_bind, settings.web_port, Asker(settings.trusted_proxies), buckets())
    stack.push_async_callback(site.stop)
    try:
        await site.start()
    except OSError as error:
        raise not_served("WEB", settings.web_bind, settings.web_port, error) from error
    log.info("the galleries' pages are on http://%s:%d", settings.web_bind, site.port)


async def _watched(
    stack: AsyncExitStack, settings: Settings, database: Database, pool: Pool, client: Oneiros
) -> Watching | None:
    """Begin to tell metrics and readiness, where they have a port. Raises StartError."""
    if settings.metrics_port is None:
        return None
    from bot.watching.wiring import Watching  # whoever does not watch needs no Prometheus

    bind, port = settings.metrics_bind, settings.metrics_port
    watching = Watching(
        bind,
        port,
        database=database,
        objects=objects_of(settings),
        pool=pool,
        client=client,
        is_paused=lambda: client.admin.regime.paused is not None,
    )
    stack.push_async_callback(watching.stop)
    try:
        await watching.start()
    except OSError as error:
        raise not_served("METRICS", bind, port, error) from error
    client.floods.on_turned_away.append(watching.flood_listener)
    return watching


def _arm(settings: Settings) -> None:
    if settings.die_at is None:
        return
    if api_host(settings) not in LOOPBACK:
        raise StartError("DIE_AT kills the bot, and is for tests on the loopback Discord: unset it.")
    fail_points.arm(settings.die_at)


@asynccontextmanager
async def _built(settings: Settings) -> AsyncIterator[Oneiros]:
    """Build everything, start it from the inside out, and stop it in the other order."""
    origins = [origin.strip() for origin in settings.discord_cdn.split(",") if origin.strip()]
    workarounds.point_at(api=settings.discord_api, gateway=settings.discord_gateway, cdn=origins[0])
    downloader = downloader_of(origins, settings.max_upload_mib * MIBI)  # what is wrong with a setting is told at once
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(opened(database_url(settings)))
        images = await images_of(settings, database)
        stack.push_async_callback(downloader.close)
        decoder = Decoder()
        stack.push_async_callback(decoder.stop)
        pool = await pool_of(settings)
        stack.push_async_callback(pool.stop)
        client = Oneiros(settings, decoder, Registrations(database))
        stack.push_async_callback(client.close)
        if settings.discord_gateway is not None:
            workarounds.pin_gateway(client, settings.discord_gateway)
        client.admin = Admin(Regimes(database))
        client.guild_settings = Guilds(
            GuildStore(database), _look_every_s(settings, database), is_shut_out=client.admin.is_shut_out
        )
        watching = await _watched(stack, settings, database, pool, client)
        jobs = Jobs(
            database=database,
            images=images,
            downloads=downloader,
            decoder=decoder,
            pool=pool,
            messenger=Replies(
                client,
                decoder,
                client.guild_settings,
                settings.max_film_seconds,
                is_ours=(lambda _: True) if settings.shards is None else settings.shards.have,
            ),
            rules=Rules(
                caps=caps_of(settings),
                preview_interval_s=settings.preview_interval,
                retention_days=settings.retention_days,
                shards=settings.shards,
            ),
            listeners=[
                Lives().hear,
                partial(tell_kept, client.notices),
                *([] if watching is None else [watching.listener]),
            ],
        )
        client.jobs = jobs
        client.newest = Newest(database)
        store = PresetStore(database)
        thumbnails = Thumbnails(store=store, images=images, pool=pool, decoder=decoder, is_idle=lambda: jobs.idle)
        files = downloader_of(origins, sharing.MOST_BYTES)
        stack.push_async_callback(files.close)
        client.presets = Presets(store, images, files, on_saved=thumbnails.wake)
        entry_thumbnails = EntryThumbnails(entries=EntryStore(database), images=images, decoder=decoder)
        client.mirror = Mirror(
            database=database,
            images=images,
            guilds=client.guild_settings,
            poster=GalleryChannels(client, decoder, client.guild_settings),
            shards=settings.shards,
            on_staying=partial(tell_staying, client.notices),
        )
        client.gallery = Gallery(
            database,
            images=images,
            decoder=decoder,
            guilds=client.guild_settings,
            on_changed=[entry_thumbnails.wake, client.mirror.wake],
            address_of=address_of(settings),
        )
        client.moderation = Moderation(database, images=images, on_changed=client.mirror.wake)
        client.privacy = Privacy(PrivacyStore(database), images, jobs)
        client.reports = Reports(database)
        client.removal = Removal(Takedowns(database), images, decoder)
        client.report_channel = ReportChannel(
            client,
            reports=client.reports,
            takedowns=client.removal.takedowns,
            images=images,
            decoder=decoder,
            admin=client.admin,
            notices=client.notices,
        )
        client.admin.on_changed += [
            jobs.look_again,
            client.guild_settings.heed,
            client.doorman.heed,
            _soon(client.mirror.wake),
            _soon(client.report_channel.wake),
        ]
        await client.admin.start()
        stack.push_async_callback(client.admin.stop)
        await client.guild_settings.start()
        stack.push_async_callback(client.guild_settings.stop)
        await _serve_pages(stack, settings, database, images, client.guild_settings)
        await pool.start()
        await decoder.start()
        thumbnails.start()
        stack.push_async_callback(thumbnails.stop)
        entry_thumbnails.start()
        stack.push_async_callback(entry_thumbnails.stop)
        await client.privacy.start()
        stack.push_async_callback(client.privacy.stop)
        yield client


def _soon(wake: Callable[[], None]) -> Heard:
    async def heard() -> None:
        wake()

    return heard


def _look_every_s(settings: Settings, database: Database) -> float | None:
    """Return how often a process looks for settings that another one changed; None where it is the only one."""
    if database.exclusive:
        return None
    return LOOK_EVERY_S if settings.web_port is None else LOOK_SOON_S


async def _logged_in(client: Oneiros, token: str, asked: asyncio.Task[bool]) -> bool:
    """Log in; False where a signal came first. Raises StartError."""
    login = asyncio.create_task(client.login(token), name="login")
    try:
        await asyncio.wait({asked, login}, return_when=asyncio.FIRST_COMPLETED)
        if not login.done():
            return False
        await login
    except discord.LoginFailure as error:
        raise StartError(TOKEN_REFUSED) from error
    except discord.HTTPException as error:
        raise StartError(f"Discord refused to let the bot in ({error.status}): try again in a while.") from error
    except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
        host = api_host(client.settings)
        raise StartError(NOT_REACHED.format(host=host)) from error
    finally:
        login.cancel()
        await asyncio.gather(login, return_exceptions=True)
    return True


async def _serve(client: Oneiros, token: str, stopping: asyncio.Event) -> int:
    """Connect and serve until a signal or a failure of the connection that will not mend."""
    asked = asyncio.create_task(stopping.wait(), name="signals")
    if not await _logged_in(client, token, asked):
        return 0
    # Only now can messages be edited: what an earlier process left is told and taken up.
    await client.jobs.start()
    connection = asyncio.create_task(client.connect(), name="gateway")
    mirroring = asyncio.create_task(_mirror(client), name="first look at the gallery channels")
    try:
        await asyncio.wait({asked, connection}, return_when=asyncio.FIRST_COMPLETED)
        if not connection.done():
            log.info("stopping: running dreams have %.0f s to finish", client.settings.grace_s)
            return 0
        await connection
        raise StartError("The connection to Discord ended and was not opened again: start the bot anew.")
    finally:
        asked.cancel()
        mirroring.cancel()
        await asyncio.gather(mirroring, return_exceptions=True)
        await client.mirror.stop()
        await client.report_channel.stop()
        await client.jobs.stop(client.settings.grace_s if connection and not connection.done() else 0.0)
        await client.close()
        connection.cancel()
        await asyncio.gather(connection, return_exceptions=True)


async def _mirror(client: Oneiros) -> None:
    """Look after the gallery channels as soon as it is known which servers and channels there are."""
    await client.wait_until_ready()
    await client.mirror.start()
    client.report_channel.start()


def _on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stopping.set)
        except NotImplementedError:  # Windows: there the loop sees Ctrl-C only through this handler
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
