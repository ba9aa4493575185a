"""What Discord answers when it refuses: status, code, words, and the nested errors of a wrong body.

Codes and words stand in Discord's documentation ("Opcodes and Status Codes"), and are quoted in public threads with
their statuses. Those with code 0 are its router's, seen in threads only. docs/emulator.md names the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One of Discord's refusals."""

    status: int
    code: int
    message: str


NOT_FOUND = Answer(404, 0, "404: Not Found")
NOT_ALLOWED = Answer(405, 0, "405: Method Not Allowed")
TOO_SLOW = Answer(408, 0, "408: Request Timeout")
UNAUTHORIZED = Answer(401, 0, "401: Unauthorized")
UNKNOWN_CHANNEL = Answer(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = Answer(404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = Answer(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = Answer(404, 10008, "Unknown Message")
UNKNOWN_USER = Answer(404, 10013, "Unknown User")
UNKNOWN_WEBHOOK = Answer(404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = Answer(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = Answer(404, 10063, "Unknown application command")
UNKNOWN_COMMAND_PERMISSIONS = Answer(404, 10066, "Unknown application command permissions")
BOTS_CANNOT = Answer(403, 20001, "Bots cannot use this endpoint")
TOO_MANY_CREATES = Answer(400, 30034, "Max number of daily application command creates has been reached (200)")
UNKNOWN_APPLICATION = Answer(404, 10002, "Unknown Application")
TOO_LARGE = Answer(413, 40005, "Request entity too large")
ACKNOWLEDGED_ALREADY = Answer(400, 40060, "Interaction has already been acknowledged.")
COMMAND_NAME_TAKEN = Answer(400, 40041, "An application command with that name already exists")
TOO_MANY_FOLLOW_UPS = Answer(400, 40094, "This interaction has hit the maximum number of follow up messages")
MISSING_ACCESS = Answer(403, 50001, "Missing Access")
NOT_THE_AUTHOR = Answer(403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = Answer(400, 50006, "Cannot send an empty message")
MISSING_PERMISSIONS = Answer(403, 50013, "Missing Permissions")
INVALID_WEBHOOK_TOKEN = Answer(401, 50027, "Invalid Webhook Token")
INVALID_FORM_BODY = Answer(400, 50035, "Invalid Form Body")
UNKNOWN_OVERWRITE = Answer(404, 10009, "Unknown Overwrite")
UNKNOWN_ROLE = Answer(404, 10011, "Unknown Role")
UNKNOWN_EMOJI = Answer(404, 10014, "Unknown Emoji")
TOO_MANY_PINS = Answer(400, 30003, "Maximum number of pins reached (250)")
TOO_MANY_REACTIONS = Answer(400, 30010, "Maximum number of reactions reached (20)")
TOO_MANY_OLD_EDITS = Answer(
    429, 30046, "Maximum number of edits to messages older than 1 hour reached. Try again later."
)
NOT_IN_VOICE = Answer(400, 40032, "Target user is not connected to voice.")
NOT_IN_DIRECT = Answer(403, 50003, "Cannot execute action on a DM channel")
CANNOT_MESSAGE = Answer(403, 50007, "Cannot send messages to this user")
NOT_ON_THIS_KIND = Answer(400, 50024, "Cannot execute action on this channel type")
INVALID_ROLE = Answer(400, 50028, "Invalid Role")
TOO_OLD_FOR_BULK = Answer(400, 50034, "You can only bulk delete messages that are under 14 days old.")
THREAD_ARCHIVED = Answer(400, 50083, "Thread is archived")
NO_REPLY_WITHOUT_HISTORY = Answer(403, 160002, "Cannot reply without permission to read message history")
THREAD_THERE_ALREADY = Answer(400, 160004, "A thread has already been created for this message")
THREAD_LOCKED = Answer(403, 160005, "Thread is locked")
INVALID_JSON = Answer(400, 50109, "The request body contains invalid JSON.")


def too_many_commands(limit: int) -> Answer:
    """Return the refusal of more than ``limit`` commands of a type (read in a public thread: the limit is told)."""
    return Answer(400, 30032, f"Maximum number of application commands reached ({limit})")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a body: where, Discord's name for it, and its words."""

    path: tuple[str | int, ...]
    code: str
    message: str

    def to_json(self) -> dict[str, Any]:
        """Return it as the control API shows it."""
        return {"path": ".".join(map(str, self.path)), "code": self.code, "message": self.message}


class Refused(Exception):  # noqa: N818 - it is an answer, not an accident
    """Discord refuses a request, or (``retry_after_s``) puts it off."""

    def __init__(self, answer: Answer, findings: Sequence[Finding] = (), *, retry_after_s: float | None = None) -> None:
        super().__init__(answer.message)
        self.answer = answer
        self.findings = findings
        self.retry_after_s = retry_after_s

    def to_json(self) -> dict[str, Any]:
        """Return the body of the answer."""
        body: dict[str, Any] = {"message": self.answer.message, "code": self.answer.code}
        if self.retry_after_s is not None:
            body |= {"retry_after": self.retry_after_s, "global": False}
        if self.findings:
            body["errors"] = nested(self.findings)
        return body


class ActError(Exception):
    """A person cannot do this; Discord's client would not offer it. The text says why."""


def nested(findings: Iterable[Finding]) -> dict[str, Any]:
    """Nest findings by their paths, as Discord's 50035 does: ``{"a": {"0": {"_errors": [...]}}}``."""
    root: dict[str, Any] = {}
    for finding in findings:
        at = root
        for step in finding.path:
            at = at.setdefault(str(step), {})
        at.setdefault("_errors", []).append({"code": finding.code, "message": finding.message})
    return root
