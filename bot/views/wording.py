"""The bot's words, and how numbers are put: every number with its unit. ``say`` is the language they are put in."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import KEPT_NO_MORE
from bot.film import FilmAsk
from bot.job import Job, State
from bot.jobs.messenger import Standing
from bot.language import Language
from engine import vocabulary
from engine.recipe import Recipe
from engine.sentences import mark

BAR_CELLS = 12
MOST_OF_ONE = 300  # characters, where each of several has something to say
MOST_LINES = 12  # of a server's dreams: all texts of a message have 4000 characters


def duration(say: Language, seconds: float) -> str:
    """Put a duration as a person would: ``8 s``, ``1 min 20 s``, ``2 h 5 min``."""
    whole = max(1, round(seconds))
    if whole < 60:
        return say("{seconds} s", seconds=whole)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return say("{minutes} min {seconds} s", minutes=minutes, seconds=rest) if rest else _minutes(say, minutes)
    hours, minutes = divmod(minutes, 60)
    if not minutes:
        return say("{hours} h", hours=hours)
    return say("{hours} h {minutes} min", hours=hours, minutes=minutes)


def _minutes(say: Language, minutes: int) -> str:
    return say("{minutes} min", minutes=minutes)


def bar(fraction: float) -> str:
    """Draw how much of a dream is done; ``fraction`` in 0–1."""
    full = round(max(0.0, min(1.0, fraction)) * BAR_CELLS)
    return "▰" * full + "▱" * (BAR_CELLS - full)


def standing(say: Language, now: Standing) -> str:
    """Say where a job stands that has no outcome yet."""
    if now.held_up:
        return f"**{say('Dreaming…')}** {say(HELD_UP)}"
    facts = [_stands(say, now), *_about_time(say, now)]
    if now.again:
        facts.append(say("I was interrupted and am starting over"))
    line = " · ".join(facts)
    progress = f"\n{bar(now.fraction)} {now.fraction:.0%}" if now.octave is not None else ""
    return f"**{say('Dreaming…')}** {line}{progress}"


def standings(say: Language, several: Sequence[Standing]) -> str:
    """Say where jobs of one message stand, a line each."""
    dreamed = sum(now.job.state is State.DREAMED for now in several)
    heading = say("{dreamed} of {count} dreamed", dreamed=dreamed, count=len(several))
    return "\n".join([f"**{say('Dreaming…')}** {heading}", *(_line(say, now) for now in several)])


def _line(say: Language, now: Standing) -> str:
    facts = [say(HELD_UP)] if now.held_up else [_stands(say, now), *_about_time(say, now)]
    return f"{now.job.place + 1}. {_ended(say, now.job) or ' · '.join(facts)}"


def _ended(say: Language, job: Job) -> str | None:
    match job.state:
        case State.DREAMED:
            return say("dreamed")
        case State.CANCELLED:
            return say("cancelled")
        case State.FAILED:
            return shortened(say("no dream: {why}", why=say.read(job.failure or KEPT_NO_MORE)))
        case _:
            return None


def failures(say: Language, several: Sequence[Job]) -> str:
    """Say of the jobs of one message that came to nothing why, a line each; empty where there are none."""
    lost = [job for job in several if job.state in {State.FAILED, State.CANCELLED}]
    return "\n".join(f"-# {job.place + 1}. {_ended(say, job)}" for job in lost)


def shortened(text: str) -> str:
    """Cut a text that is one of up to ten: all texts of a message have 4000 characters."""
    return text if len(text) <= MOST_OF_ONE else f"{text[: MOST_OF_ONE - 1]}…"


def _stands(say: Language, now: Standing) -> str:
    if now.job.state is State.ACCEPTED:
        return say("fetching your picture")
    if now.frames:
        # Frame 0 is the trailer's.
        return say("frame {frame} of {frames}", frame=now.frame, frames=now.frames) if now.frame else say(TRAILER)
    if now.octave is not None and now.octaves is not None:
        return say("octave {octave} of {octaves}", octave=now.octave, octaves=now.octaves)
    if now.job.state is State.RUNNING:
        return say("falling asleep")
    if now.position is None:
        return say("in the queue")
    return say("position {position}", position=now.position)


def _about_time(say: Language, now: Standing) -> list[str]:
    if now.eta_s is None or now.job.state is State.ACCEPTED:
        return []
    time = duration(say, now.eta_s)
    return [say("about {time} left", time=time) if now.octave is not None else say("about {time}", time=time)]


def recipe(say: Language, of: Recipe, *, seed: bool = True) -> str:
    """Put a recipe in words: what is dreamed of first, then all that is needed to do it again.

    ``seed`` is left out where several dreams differ in it.
    """
    return " · ".join(
        (
            about(say, of),
            f"{say(LOOKS[of.look])} {of.network}: {of.of}",
            say(
                "{octaves} octaves × {scale}",
                octaves=of.octaves,
                scale=of.octave_scale,
            ),
            say("{steps} steps of {size}", steps=of.steps, size=of.step_size),
            *([say("seed {seed}", seed=of.seed)] if seed else []),
        )
    )


def film(say: Language, of: FilmAsk) -> str:
    """Put a film in words: how long it is, and how it moves."""
    length = say("{seconds} s", seconds=round(of.seconds, 1))
    frames = say.many("{count} frame", "{count} frames", of.frames)
    if of.zoom is None:
        return f"{say('Film')}: {length} · {frames}"
    speed = say("{speed} times larger a second", speed=of.zoom.speed)
    return f"{say('Zoom film')}: {length} · {frames} · {speed}"


def headline(say: Language, *jobs: Job) -> str:
    """Say whose dreams these are and how long they took."""
    seconds = [job.seconds for job in jobs if job.seconds is not None]
    took = f" · {duration(say, sum(seconds))}" if seconds else ""
    person = f"<@{jobs[0].person_id}>"
    if jobs[0].film is not None:
        return f"**{say('A film for {person}', person=person)}**{took}"
    whose = say.many("A dream for {person}", "{count} dreams for {person}", len(jobs), person=person)
    return f"**{whose}**{took}"


def about(say: Language, of: Recipe) -> str:
    """Say in a few words what a recipe dreams of."""
    return say(vocabulary.about(of.of, of.networks))


def choice_of_several(say: Language, job: Job) -> str:
    """Name one of several dreams in the menu that picks it, in at most 100 characters."""
    return f"{job.place + 1} · {about(say, Recipe.from_json(job.recipe))}"[:100]


def queue_heading(say: Language, count: int) -> str:
    """Say how many dreams a person has under way."""
    if count == 0:
        return say("**You have no dream under way.** Send a picture with /dream.")
    return say.many("**Your dreams** · {count} under way", "**Your dreams** · {count} under way", count)


def queue_line(say: Language, now: Standing) -> str:
    """Say in one line where a dream stands, with the way to its message."""
    return f"{where(say, now)} · {_link(say, now.job)}\n-# {about(say, Recipe.from_json(now.job.recipe))}"


def where(say: Language, now: Standing) -> str:
    """Say in a few words where a dream stands that has no outcome yet."""
    if now.job.state is State.ACCEPTED:
        return say("Fetching its picture")
    time = None if now.eta_s is None else duration(say, now.eta_s)
    if now.position is None:
        done = f"{now.fraction:.0%}"
        if time is None:
            return say("Dreaming, {done} done", done=done)
        return say("Dreaming, {done} done, about {time} left", done=done, time=time)
    if time is None:
        return say("Waiting at position {position}", position=now.position)
    return say("Waiting at position {position}, about {time}", position=now.position, time=time)


def kept_line(say: Language, job: Job) -> str:
    """Say in one line what is kept for a person."""
    ended = f" · <t:{int(job.finished_at.timestamp())}:R>" if job.finished_at is not None else ""
    if job.jobs_in_message > 1:
        what = say(
            "{count} dreams: {things}", count=job.jobs_in_message, things=about(say, Recipe.from_json(job.recipe))
        )
    elif job.state is State.DREAMED:
        what = about(say, Recipe.from_json(job.recipe))
    else:
        what = say("no dream: {why}", why=say.read(job.failure or CANCELLED_SHORT))
    return f"{what}{ended}"


def server_lines(say: Language, standings: Sequence[Standing]) -> str:
    """List a server's dreams under way, for its moderators."""
    if not standings:
        return say("**In this server** nobody's dream is under way.")
    lines = [f"- <@{one.job.person_id}>: {where(say, one)} · {_link(say, one.job)}" for one in standings[:MOST_LINES]]
    more = len(standings) - len(lines)
    rest = [f"-# {say('and {count} more', count=more)}"] if more else []
    return "\n".join([say("**In this server** · {count} under way", count=len(standings)), *lines, *rest])


def choice(say: Language, now: Standing) -> str:
    """Name a dream in a menu, in at most 100 characters."""
    return say("Dream {number}: {where}", number=now.job.id, where=where(say, now))[:100]


def cancelled(say: Language, job: Job) -> str:
    """Say which dream was cancelled."""
    return say("Cancelled: {things}.", things=about(say, Recipe.from_json(job.recipe)))


def address(guild_id: int | None, channel_id: int, message_id: int | None) -> str:
    """Return the address that leads to a message, without a guild a direct one; to its channel where it has none."""
    channel = f"https://discord.com/channels/{guild_id or '@me'}/{channel_id}"
    return channel if message_id is None else f"{channel}/{message_id}"


def _link(say: Language, job: Job) -> str:
    return f"[{say('go to it')}]({address(job.guild_id, job.channel_id, job.message_id)})"


LOOKS = {"classic": mark("classic"), "natural": mark("natural")}
CANCELLED = mark("**Cancelled.** Nothing was dreamed; send the picture again with /dream whenever you like.")
CANCELLED_SHORT = mark("it was cancelled")
FAILED = mark("**No dream this time.** {sentence}")
HELD_UP = mark(
    "My disk or my database does not work at the moment. Please wait: this goes on by itself as soon as it does."
)
NOT_TAKEN = mark("**No dream this time.** Whoever asked for it has been told why.")
UNSHOWN = mark("**Dreamed, but not shown.** The picture could not be put into this chat: *Again* dreams it anew.")
NO_SUCH_JOB = mark("I no longer know this dream: please start a new one with /dream.")
PHOTO_GONE = mark(
    "I keep this dream no longer, nor the photo that it was dreamed on: send that again with /dream, or press *Deeper*."
)
RECIPE_GONE = mark("I keep this dream's recipe no longer: dream another one with /dream, and save that.")
RESTRICTED = mark("This dream comes from direct messages or an age-restricted channel: post it in such a place.")
NOT_PUBLIC_HERE = mark(
    "In this channel Discord shows what I send to you only: save the picture, or dream in another channel."
)
STAYS_IN_GALLERY = mark(
    "The message and its pictures are deleted. The dream stays in the server's gallery, where you added it: to take it "
    "out, press *Mine* in /gallery, here or in a direct message to me."
)
NOT_YOURS_TO_DELETE = mark("Only the person who dreamed this, or somebody who may manage messages here, can delete it.")
NOT_YOURS_TO_CANCEL = mark(
    "Only the person who asked for this dream, or somebody who may manage messages, can cancel it."
)
OVER_ALREADY = mark("This dream has ended already: there is nothing left to cancel.")
NOTHING_TO_CANCEL = mark("You have no dream that waits or runs: there is nothing to cancel.")
KEPT_HEADING = mark("**Kept for you** · dreams that could not be shown where you asked for them")
CANCEL_WHOSE = mark("Cancel a dream of this server…")
POSTED_ALREADY = mark("This dream is posted already.")
NOT_YOURS_TO_POST = mark("Only the person who dreamed this can post it.")
NOT_DEEPER = mark("A film cannot be dreamed on: press *Again*, or make one of another picture with /zoom.")
TRAILER = mark("its first seconds, small")
NOT_DREAMED_YET = mark("This dream has no picture yet: wait until it is finished.")
