"""The bot's words, and how numbers are put: every number with its unit."""

from __future__ import annotations

from collections.abc import Sequence

from bot.job import Job, State
from bot.jobs.messenger import Standing
from engine import vocabulary
from engine.recipe import Recipe

BAR_CELLS = 12
MOST_LINES = 12  # of a server's dreams: all texts of a message have 4000 characters


def duration(seconds: float) -> str:
    """Put a duration as a person would: ``8 s``, ``1 min 20 s``, ``2 h 5 min``."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def bar(fraction: float) -> str:
    """Draw how much of a dream is done; ``fraction`` in 0–1."""
    full = round(max(0.0, min(1.0, fraction)) * BAR_CELLS)
    return "▰" * full + "▱" * (BAR_CELLS - full)


def standing(now: Standing) -> str:
    """Say where a job stands that has no outcome yet."""
    if now.job.state is State.ACCEPTED:
        return "**Dreaming…** fetching your picture"
    about = f", about {duration(now.eta_s)}" if now.eta_s is not None else ""
    again = " · I was interrupted and am starting over" if now.again else ""
    if now.octave is not None:
        left = f"{about} left" if about else ""
        progress = f"{bar(now.fraction)} {now.fraction:.0%}"
        return f"**Dreaming…** octave {now.octave} of {now.octaves}{left}{again}\n{progress}"
    if now.job.state is State.RUNNING:
        return f"**Dreaming…** falling asleep{about}{again}"
    place = f"position {now.position}" if now.position is not None else "in the queue"
    return f"**Dreaming…** {place}{about}{again}"


def recipe(of: Recipe) -> str:
    """Put a recipe in words: what is dreamed of first, then all that is needed to do it again."""
    return (
        f"{_about(of)} · {of.look} {of.network}: {of.of} · {of.octaves} octaves × {of.octave_scale:g} · "
        f"{of.steps} steps of {of.step_size:g} · seed {of.seed}"
    )


def headline(job: Job) -> str:
    """Say whose dream it is and how long it took."""
    took = f" · {duration(job.seconds)}" if job.seconds is not None else ""
    return f"**A dream for <@{job.person_id}>**{took}"


def alt_text(of: Recipe) -> str:
    """Describe a dreamed picture to somebody who does not see it."""
    return f"A DeepDream picture: the photo, with {_about(of)} grown out of its shapes."


def _about(of: Recipe) -> str:
    return vocabulary.about(of.of, of.networks)


def queue_heading(count: int) -> str:
    """Say how many dreams a person has under way."""
    if count == 0:
        return "**You have no dream under way.** Send a picture with /dream."
    return f"**Your dreams** · {count} under way"


def queue_line(now: Standing) -> str:
    """Say in one line where a dream stands, with the way to its message."""
    return f"{where(now)} · {_link(now.job)}\n-# {_about(Recipe.from_json(now.job.recipe))}"


def where(now: Standing) -> str:
    """Say in a few words where a dream stands that has no outcome yet."""
    about = f", about {duration(now.eta_s)}" if now.eta_s is not None else ""
    if now.job.state is State.ACCEPTED:
        return "Fetching its picture"
    if now.position is None:
        return f"Dreaming, {now.fraction:.0%} done{about + ' left' if about else ''}"
    return f"Waiting at position {now.position}{about}"


def kept_line(job: Job) -> str:
    """Say in one line what is kept for a person."""
    ended = f" · <t:{int(job.finished_at.timestamp())}:R>" if job.finished_at is not None else ""
    what = _about(Recipe.from_json(job.recipe)) if job.state is State.DREAMED else f"no dream: {job.failure}"
    return f"{what}{ended}"


def server_lines(standings: Sequence[Standing]) -> str:
    """List a server's dreams under way, for its moderators."""
    if not standings:
        return "**In this server** nobody's dream is under way."
    lines = [f"- <@{one.job.person_id}>: {where(one)} · {_link(one.job)}" for one in standings[:MOST_LINES]]
    more = len(standings) - len(lines)
    rest = [f"-# and {more} more"] if more else []
    return "\n".join([f"**In this server** · {len(standings)} under way", *lines, *rest])


def choice(now: Standing) -> str:
    """Name a dream in a menu, in at most 100 characters."""
    return f"Dream {now.job.id}: {where(now)}"[:100]


def cancelled(job: Job) -> str:
    """Say which dream was cancelled."""
    return f"Cancelled: {_about(Recipe.from_json(job.recipe))}."


def _link(job: Job) -> str:
    address = f"https://discord.com/channels/{job.guild_id or '@me'}/{job.channel_id}/{job.message_id}"
    return f"[go to it]({address})"


CANCELLED = "**Cancelled.** Nothing was dreamed; send the picture again with /dream whenever you like."
FAILED = "**No dream this time.** {sentence}"
NOT_TAKEN = "**No dream this time.** Whoever asked for it has been told why."
UNSHOWN = "**Dreamed, but not shown.** The picture could not be put into this chat: *Again* dreams it anew."
NO_SUCH_JOB = "I no longer know this dream: please start a new one with /dream."
NOT_YOURS_TO_DELETE = "Only the person who dreamed this, or somebody who may manage messages here, can delete it."
NOT_YOURS_TO_CANCEL = "Only the person who asked for this dream, or somebody who may manage messages, can cancel it."
OVER_ALREADY = "This dream has ended already: there is nothing left to cancel."
NOTHING_TO_CANCEL = "You have no dream that waits or runs: there is nothing to cancel."
KEPT_HEADING = "**Kept for you** · dreams that could not be shown where you asked for them"
CANCEL_WHOSE = "Cancel a dream of this server…"
NOT_DREAMED_YET = "This dream has no picture yet: wait until it is finished."
