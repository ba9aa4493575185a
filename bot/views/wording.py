"""The bot's words, and how numbers are put: every number with its unit."""

from __future__ import annotations

from bot.job import Job, State
from bot.jobs.messenger import Standing
from engine import vocabulary
from engine.recipe import Recipe

BAR_CELLS = 12


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


CANCELLED = "**Cancelled.** Nothing was dreamed; send the picture again with /dream whenever you like."
FAILED = "**No dream this time.** {sentence}"
NOT_TAKEN = "**No dream this time.** Whoever asked for it has been told why."
UNSHOWN = "**Dreamed, but not shown.** The picture could not be put into this chat: *Again* dreams it anew."
NO_SUCH_JOB = "I no longer know this dream: please start a new one with /dream."
NOT_YOURS_TO_DELETE = "Only the person who dreamed this, or somebody who may manage messages here, can delete it."
NOT_YOURS_TO_CANCEL = "Only the person who asked for this dream, or somebody who may manage messages, can cancel it."
OVER_ALREADY = "This dream has ended already: there is nothing left to cancel."
NOT_DREAMED_YET = "This dream has no picture yet: wait until it is finished."
