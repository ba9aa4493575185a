"""Floods: how often one person, one server and all together may act, so that nobody's haste is the others' loss.

An **act** is an interaction: a command, a press, a choice, a form. Each takes a permission of its person, its server
and all together, out of buckets that fill with time; suggestions while somebody types have such buckets of their own.
Of a bucket that many share, a part is kept for those who have acted little of late and whose account is not new:
however many accounts flood, whoever comes quietly is served. It is one process's memory, and a restart forgets it.
"""

from __future__ import annotations

import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Literal

from bot.buckets import Buckets
from bot.errors import UserError
from engine.sentences import mark

log = logging.getLogger(__name__)

Scope = Literal["person", "server", "whole"]

# Suggestions for one act: Discord asks one person for them at nearly every letter, but they take the loop longest.
SUGGESTIONS: dict[Scope, int] = {"person": 4, "server": 2, "whole": 1}
# What a bucket holds, in seconds of what it gains. One has quick hands; but of what comes at once from many, each act
# waits for the others: some 5 ms of the one loop for an act, 1 to 40 for a suggestion.
HOLDS_S: dict[Scope, float] = {"person": 60.0, "server": 10.0, "whole": 10.0}
TYPING_HOLDS_S = 5.0
KEPT = 0.25  # of a shared bucket, and of the places in the queue (``bot.store.quotas``)
LITTLE = 0.75  # of one's own bucket, which is left to whoever has acted little of late
OVER_S = 60.0  # without an act that is turned away, and a flood is over
MOST_FLOODS = 1000  # that are remembered
DISCORD_BEGAN = 1_420_070_400.0  # the epoch of its ids (discord/discord-api-docs, "Snowflakes")

TOO_SOON = mark("That was a little fast: please try again in {seconds} s.")
_SENTENCES: dict[Scope, str] = {
    "person": TOO_SOON,
    "server": mark("Too much is done in this server at once: please try again in {seconds} s."),
    "whole": mark("Too much is asked of me at once: please try again in {seconds} s."),
}
# One line a flood, which names whom the operator may shut out.
_STORIES: dict[Scope, str] = {
    "person": "person %(person)s acts faster than one may (in server %(server)s); to shut them out: oneiros admin "
    "people block %(person)s",
    "server": "server %(server)s acts faster than one may; to shut it out: oneiros admin servers block %(server)s",
    "whole": "all together act faster than they may; whoever acts much, or is new, is turned away",
}


class Answer(Enum):
    """What an act that is turned away is answered with."""

    SENTENCE = "sentence"
    SILENCE = "silence"  # it is acknowledged without a word, where that can be
    NOTHING = "nothing"


class FloodError(UserError):
    """Too much at once; ``answer`` says how much of an answer that is still worth."""

    def __init__(self, message: str, /, answer: Answer, seconds: int) -> None:
        super().__init__(message, seconds=seconds)
        self.answer = answer


@dataclass(frozen=True)
class Rates:
    """How many acts a minute, for one person, one server and all together."""

    person: int
    server: int
    whole: int
    new_days: float  # as long is an account new


@dataclass(frozen=True)
class Actor:
    """Who acts, and in which server; None: in direct messages or a group."""

    person_id: int
    guild_id: int | None


Heard = Callable[[Scope, bool], None]  # whether a flood begins with it
Begun = Callable[[Scope, Actor], None]


class Floods:
    """The one limiter of acts. ``on_turned_away`` hear of each that is turned away, ``on_begun`` of each flood."""

    def __init__(self, rates: Rates, clock: Callable[[], float] = time.monotonic) -> None:
        self._new_days = rates.new_days
        self._clock = clock
        self._buckets = {typing: _buckets(rates, clock, typing=typing) for typing in (False, True)}
        self._sentences = Buckets(1, 1 / OVER_S, clock=clock)
        self._silences = Buckets(rates.person, rates.person / 60, clock=clock)
        self._seen: OrderedDict[tuple[Scope, int | None], float] = OrderedDict()  # floods, and when they last went on
        self.on_turned_away: list[Heard] = []
        self.on_begun: list[Begun] = []

    def check(self, actor: Actor, *, typing: bool = False) -> None:
        """Let an act come, or a suggestion where somebody is ``typing``. Raises FloodError."""
        buckets = self._buckets[typing]
        waits = self._waits(actor, buckets)
        full = next((one for one, wait_s in waits.items() if wait_s > 0), None)
        # The person pays for it all the same: whoever presses on while there is nothing for them is not quiet.
        paying: Iterable[Scope] = waits if full is None else ("person",)
        for one in paying:
            buckets[one].take(_key(actor, one))
        if full is not None:
            self._note(actor, full)
            raise FloodError(_SENTENCES[full], self._answer(actor, typing), math.ceil(max(waits.values())))

    def _waits(self, actor: Actor, buckets: dict[Scope, Buckets]) -> dict[Scope, float]:
        """Return for how many seconds each scope that counts has no permission for this actor, the narrowest first."""
        own = buckets["person"]
        quiet = own.left(actor.person_id) >= LITTLE * own.burst and not is_new(actor.person_id, self._new_days)
        waits: dict[Scope, float] = {"person": own.wait_s(actor.person_id)}
        for scope in ("server", "whole"):
            if scope == "whole" or actor.guild_id is not None:
                kept = 0.0 if quiet else KEPT * buckets[scope].burst
                waits[scope] = buckets[scope].wait_s(_key(actor, scope), kept)
        return waits

    def _note(self, actor: Actor, scope: Scope) -> None:
        """Log where a flood begins, and have each act of it counted."""
        begins = self._begins((scope, _key(actor, scope)))
        if begins:
            log.warning(_STORIES[scope], {"person": actor.person_id, "server": actor.guild_id})
            for told in self.on_begun:
                told(scope, actor)
        for heard in self.on_turned_away:
            heard(scope, begins)

    def _answer(self, actor: Actor, typing: bool) -> Answer:
        if not typing and not self._sentences.take(actor.person_id):
            return Answer.SENTENCE
        return Answer.NOTHING if self._silences.take(actor.person_id) else Answer.SILENCE

    def _begins(self, flood: tuple[Scope, int | None]) -> bool:
        """Note that a flood goes on; tell whether it begins."""
        now = self._clock()
        then = self._seen.pop(flood, None)
        self._seen[flood] = now
        if len(self._seen) > MOST_FLOODS:
            self._seen.popitem(last=False)
        return then is None or now - then > OVER_S


def _buckets(rates: Rates, clock: Callable[[], float], *, typing: bool) -> dict[Scope, Buckets]:
    """Return the buckets of acts, or of suggestions for who is ``typing``."""
    acts: dict[Scope, int] = {"person": rates.person, "server": rates.server, "whole": rates.whole}
    found = {}
    for scope, a_minute in acts.items():
        a_second = (SUGGESTIONS[scope] if typing else 1) * a_minute / 60
        holds_s = min(HOLDS_S[scope], TYPING_HOLDS_S) if typing else HOLDS_S[scope]
        found[scope] = Buckets(max(1, math.ceil(a_second * holds_s)), a_second, clock=clock)
    return found


def _key(actor: Actor, scope: Scope) -> int | None:
    return {"person": actor.person_id, "server": actor.guild_id, "whole": None}[scope]


def is_new(person_id: int, days: float) -> bool:
    """Tell whether an account is younger than ``days``: its id holds the moment in which it was made."""
    made = datetime.fromtimestamp(DISCORD_BEGAN + (person_id >> 22) / 1000, UTC)
    return datetime.now(UTC) - made < timedelta(days=days)
