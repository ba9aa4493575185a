"""What whoever runs the bot has settled for all of it, as the rest of the bot sees it: frozen plain data, never a row.

The **operator** is whoever runs the bot. The **allow-list** names the servers that it serves, where it is on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.errors import UserError
from engine.sentences import mark

LONGEST_REASON = LONGEST_NOTICE = 300  # characters

PERSON_BLOCKED = mark("Whoever runs me has shut you out. The reason: {reason}")
PERSON_BLOCKED_UNTIL = mark("Whoever runs me has shut you out until {until}. The reason: {reason}")
SERVER_BLOCKED = mark("Whoever runs me has shut this server out. The reason: {reason}")
SERVER_BLOCKED_UNTIL = mark("Whoever runs me has shut this server out until {until}. The reason: {reason}")
NOT_LISTED = mark("I serve only servers that were let in, and this one is not among them yet. Please ask {who}.")
NOT_LISTED_ALONE = mark(
    "I serve only servers that were let in, and this one is not among them yet. Please ask whoever runs me."
)
PAUSED = mark("I take no new dreams for now; what was sent before goes on. {notice}")
PAUSED_UNTIL = mark("I take no new dreams until {until}; what was sent before goes on. {notice}")


@dataclass(frozen=True)
class Block:
    """Why somebody is shut out, and until when; None: until it is taken back."""

    reason: str
    until: datetime | None = None

    @property
    def holds(self) -> bool:
        """Whether it is not over yet."""
        return self.until is None or datetime.now(UTC) < self.until


@dataclass(frozen=True)
class Pause:
    """No new dream is taken: a notice for everybody, and until when; None: until it is taken back."""

    notice: str
    since: datetime
    until: datetime | None = None

    @property
    def refusal(self) -> UserError:
        """What somebody is told who wants to dream."""
        if self.until is None:
            return UserError(PAUSED, notice=self.notice)
        return UserError(PAUSED_UNTIL, notice=self.notice, until=shown(self.until))


@dataclass(frozen=True)
class Regime:
    """All of it at one moment. The defaults shut nobody out."""

    version: int = 0  # how often it was changed
    listed_only: bool = False  # the allow-list is on
    leave_others: bool = False  # the bot leaves servers that are not on it
    allowed: frozenset[int] = frozenset()  # the allow-list
    servers: Mapping[int, Block] = field(default_factory=dict)  # those that are shut out
    people: Mapping[str, Block] = field(default_factory=dict)  # the same, by their salted hashes
    pause: Pause | None = None
    reports_channel_id: int | None = None  # where people's reports are posted

    @property
    def paused(self) -> Pause | None:
        """The pause that holds now."""
        over = self.pause is not None and self.pause.until is not None and datetime.now(UTC) >= self.pause.until
        return None if over else self.pause

    def serves(self, guild_id: int | None) -> bool:
        """Tell whether the allow-list lets a server in; it says nothing of direct messages and groups."""
        return guild_id is None or not self.listed_only or guild_id in self.allowed

    def refusal(self, who: str | None, guild_id: int | None) -> UserError | None:
        """Return what somebody is told who is shut out, or acts where nobody may; ``who`` is their salted hash."""
        person = None if who is None else self.people.get(who)
        if person is not None and person.holds:
            return _refusal(person, PERSON_BLOCKED, PERSON_BLOCKED_UNTIL)
        server = None if guild_id is None else self.servers.get(guild_id)
        if server is not None and server.holds:
            return _refusal(server, SERVER_BLOCKED, SERVER_BLOCKED_UNTIL)
        return None


def shown(moment: datetime) -> str:
    """Return a moment as Discord shows it to each person in their own language and time zone."""
    return f"<t:{int(moment.timestamp())}:f>"


def not_listed(who: tuple[str, ...]) -> UserError:
    """Return what is told in a server that is not on the allow-list; ``who`` names who may be asked."""
    return UserError(NOT_LISTED, who=who) if who else UserError(NOT_LISTED_ALONE)


def _refusal(block: Block, for_good: str, for_a_time: str) -> UserError:
    if block.until is None:
        return UserError(for_good, reason=block.reason)
    return UserError(for_a_time, reason=block.reason, until=shown(block.until))
