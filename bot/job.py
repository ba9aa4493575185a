"""A job as the rest of the bot sees it: frozen plain data, never a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """The states of a job. The last three are outcomes: a job ends in exactly one."""

    ACCEPTED = "accepted"  # acknowledged and written down; its picture is not ours yet
    QUEUED = "queued"  # its clean picture is in the store
    RUNNING = "running"  # a worker dreams it, under a lease
    DREAMED = "dreamed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Shown(StrEnum):
    """What became of an outcome in the chat."""

    POSTED = "posted"  # the person can see it
    REMOVED = "removed"  # its message or its channel is gone: that is an answer
    KEPT = "kept"  # Discord does not let us show it there: it waits behind *Show* and in /queue


LIVE = frozenset({State.ACCEPTED, State.QUEUED, State.RUNNING})
OUTCOMES = frozenset({State.DREAMED, State.FAILED, State.CANCELLED})


@dataclass(frozen=True)
class Request:
    """What a person asked for, as it is written down right after the acknowledgement."""

    interaction_id: int
    application_id: int
    token: str = field(repr=False)
    token_expires_at: datetime
    person_id: int
    guild_id: int | None
    channel_id: int
    message_id: int | None  # the reply's
    filesize_limit: int  # bytes
    restricted: bool  # age-restricted channel, or unknown
    recipe: str  # JSON
    source_url: str | None  # where the picture can be fetched, or None if source_hash is ours already
    source_hash: str | None = None
    parent_id: int | None = None  # the job this one repeats or deepens
    weight: float = 1.0  # of its person's share in the fair order; priority roles weigh double
    guide_url: str | None = None  # where the guide can be fetched, or None if guide_hash is ours already, or without
    guide_hash: str | None = None
    mask_url: str | None = None
    mask_hash: str | None = None
    note: str | None = None  # what the person is to be told of it with the dream, as text of sentences
    locale: str = "en-US"  # Discord's code of the language that the message is written in
    private: bool = False  # only the person sees the reply
    spoiler: bool = False  # its pictures are hidden until somebody uncovers them
    preset: str | None = None  # what the built-in or server's preset that it began from is called
    borrowed: bool = False  # its picture came from somebody else's message or dream
    film: str | None = None  # bot.film.FilmAsk as JSON; None: a picture


@dataclass(frozen=True)
class Job:
    """One job, as read from the database."""

    id: int
    state: State
    interaction_id: int
    application_id: int
    token: str | None = field(repr=False)
    token_expires_at: datetime
    person_id: int
    guild_id: int | None
    channel_id: int
    message_id: int | None
    filesize_limit: int
    restricted: bool
    recipe: str
    cost: float  # GFLOP; 0 while accepted
    source_url: str | None
    source_hash: str | None
    result_hash: str | None
    parent_id: int | None
    failure: str | None  # the sentence for the person
    note: str | None  # what the intake and the dream had to say of the picture
    owner: str | None  # the process that works on it or, after an outcome, tells it
    attempt: int
    strikes: int
    seconds: float | None  # spent dreaming
    fingerprint: str | None
    created_at: datetime
    finished_at: datetime | None
    told_at: datetime | None
    posting_at: datetime | None = None  # when a new message for it was begun, since its reply cannot be edited
    shown: Shown | None = None
    weight: float = 1.0
    place: int = 0  # among the jobs of one message, in the order they were asked for
    jobs_in_message: int = 1
    guide_url: str | None = None
    guide_hash: str | None = None
    mask_url: str | None = None
    mask_hash: str | None = None
    locale: str = "en-US"
    private: bool = False
    spoiler: bool = False
    preset: str | None = None
    borrowed: bool = False
    film: str | None = None
