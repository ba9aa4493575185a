"""/about: which version this is, who dreams, under which licences, and whether all is well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import discord

from bot.jobs.health import Health
from bot.language import Language
from bot.pool.interface import Worker
from bot.regime import Pause
from bot.settings import Settings
from bot.views.card import DREAMED, ENDED, Card
from bot.views.wording import duration
from engine import catalogue, vocabulary
from engine.sentences import mark

SLOW_GATEWAY_S = 1.0
LONG_WAIT_S = 600.0
MOST_WORKERS = 6  # listed one by one

NO_GATEWAY = mark("My connection to Discord is slow at the moment: answers may come late.")
NO_DATABASE = mark("My database does not answer: new dreams have to wait until it does.")
NO_WORKER = mark("Nobody dreams at the moment: dreams wait until a worker is there.")
SOME_WORKERS = mark("{gone} of {all} workers are being started: until then, dreams take longer.")
NOT_STATED = mark("not stated")  # as the catalogue has it of a licence
LONG_WAIT = mark("Many dreams wait: a new one begins in about {time}.")


@dataclass(frozen=True)
class About:
    """What is told."""

    settings: Settings
    health: Health
    latency_s: float | None  # of the gateway; None before its first heartbeat
    pause: Pause | None = None  # whoever runs the bot lets no new dreams come


def trouble_in(say: Language, of: About) -> Iterator[str]:
    """Say what is wrong, if anything is."""
    health = of.health
    if of.pause is not None:
        yield say.error(of.pause.refusal)
    if of.latency_s is not None and of.latency_s > SLOW_GATEWAY_S:
        yield say(NO_GATEWAY)
    if not health.database:
        yield say(NO_DATABASE)
    gone = sum(worker.pid is None for worker in health.workers)
    if gone == len(health.workers):
        yield say(NO_WORKER)
    elif gone:
        yield say(SOME_WORKERS, gone=gone, all=len(health.workers))
    if health.wait_s is not None and health.wait_s > LONG_WAIT_S:
        yield say(LONG_WAIT, time=duration(say, health.wait_s))


def lay_out(say: Language, of: About) -> Card:
    """Lay out what /about shows."""
    trouble = list(trouble_in(say, of))
    name = f"## Oneiros {release('oneiros')}\n{say('I dream on pictures: DeepDream, in chat.')}"
    state = "\n".join(f"⚠️ {line}" for line in trouble) or f"✅ {say('All is well.')}"
    items: list[discord.ui.Item[Any]] = [
        discord.ui.TextDisplay(f"{name}\n{state}"),
        discord.ui.Separator(),
        discord.ui.TextDisplay(_health(say, of)),
        discord.ui.TextDisplay(_engine(say)),
        discord.ui.TextDisplay(_networks(say)),
    ]
    links = [
        discord.ui.Button[Any](label=label, url=url)
        for label, url in ((say("Source"), of.settings.source_url), (say("Privacy"), of.settings.privacy_url))
        if url is not None
    ]
    if links:
        items.append(discord.ui.ActionRow(*links))
    return Card(*items, colour=ENDED if trouble else DREAMED)


def release(package: str) -> str:
    """Return the version of an installed package; a question mark where it is run without having been installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"


def _health(say: Language, of: About) -> str:
    health = of.health
    lines = [f"**{say('Now')}**"]
    if of.latency_s is not None:
        lines.append(say("- Discord answers within {ms} ms.", ms=max(1, round(of.latency_s * 1000))))
    lines.append(say("- The database answers.") if health.database else say("- The database does not answer."))
    if health.waiting is not None and health.wait_s is not None:
        lines.append(_queue(say, health.waiting, health.wait_s))
    lines += [_worker(say, worker) for worker in health.workers[:MOST_WORKERS]]
    more = len(health.workers) - MOST_WORKERS
    if more > 0:
        lines.append(say("- and {count} more workers", count=more))
    return "\n".join(lines)


def _queue(say: Language, waiting: int, wait_s: float) -> str:
    time = duration(say, wait_s)
    if waiting:
        return say.many(
            "- {count} dream waits; a new one begins in about {time}.",
            "- {count} dreams wait; a new one begins in about {time}.",
            waiting,
            time=time,
        )
    if wait_s < 1:
        return say("- No dream waits: a new one begins at once.")
    return say("- No dream waits; a new one begins in about {time}.", time=time)


def _worker(say: Language, worker: Worker) -> str:
    device = _device(worker.device)
    if worker.pid is None:
        return say("- {device}: being started", device=device)
    if worker.speed is None:
        return say("- {device}: getting ready", device=device)
    speed = round(worker.speed)
    if worker.job_id is None:
        return say("- {device}: awake, {speed} GFLOP a second", device=device, speed=speed)
    return say("- {device}: dreaming, {speed} GFLOP a second", device=device, speed=speed)


def _device(name: str) -> str:
    """Name a device without its machine's address: ``cuda:1 on 10.0.0.7`` is GPU 1."""
    kind, _, number = name.partition(" ")[0].partition(":")
    return "CPU" if kind == "cpu" else f"GPU {number}".strip()


def _engine(say: Language) -> str:
    facts = say(
        "version {engine}, PyTorch {torch}, Pillow {pillow}, 32-bit numbers, {moods} moods in edition {edition}",
        engine=release("oneiros"),
        torch=release("torch"),
        pillow=release("pillow"),
        moods=len(vocabulary.moods()),
        edition=vocabulary.digest()[:8],
    )
    same = say("Where all of this and the device are the same, a recipe and its seed give the same picture.")
    return f"**{say('The engine')}**\n{facts}\n-# {same}"


def _networks(say: Language) -> str:
    lines = [
        say(
            "{title} (`{name}`): code {code}, weights {weights}",
            title=one.title,
            name=one.name,
            code=one.code_license,
            weights=say(one.weights_license),
        )
        for one in catalogue.networks().values()
    ]
    return "\n".join([f"**{say('Who dreams')}**", *(f"-# {line}" for line in lines)])
