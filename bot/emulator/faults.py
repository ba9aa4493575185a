"""Faults that were asked for and wait for their call: of REST, of the CDN, of a resume."""

from __future__ import annotations

import asyncio
import itertools
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeVar

from bot.emulator.feed import Feed
from bot.emulator.model import Json


class How(StrEnum):
    """What befalls a REST call.

    ``status``: an error instead of the answer; ``delay``: it takes longer; ``half``: the answer is cut off;
    ``timeout``: there is no answer until the client gives up.
    """

    STATUS = "status"
    DELAY = "delay"
    HALF = "half"
    TIMEOUT = "timeout"


@dataclass(slots=True, kw_only=True)
class Fault(ABC):
    """``left``: how many calls it still befalls; None: all, until it is disarmed."""

    kind: ClassVar[str]
    left: int | None = 1

    @property
    @abstractmethod
    def words(self) -> str:
        """What it does, for a person to read."""

    def _calls(self, what: str) -> str:
        if self.left is None:
            return f"every {what}"
        return f"the next {what}" if self.left == 1 else f"the next {self.left} {what}s"


@dataclass(slots=True, kw_only=True)
class RestFault(Fault):
    """Befalls calls of ``method`` (empty: any) whose path matches ``path``. ``after``: once the act was done."""

    kind: ClassVar[str] = "rest"
    path: re.Pattern[str]
    method: str = ""
    how: How = How.STATUS
    status: int = 500
    code: int = 0
    retry_after_s: float = 1.0
    delay_s: float = 0.0
    after: bool = False

    @property
    def words(self) -> str:
        """What it does, for a person to read."""
        does = {
            How.STATUS: f"answered with {self.status}",
            How.DELAY: f"answered {self.delay_s:g} s late",
            How.HALF: "answered with half a body",
            How.TIMEOUT: "never answered",
        }[self.how]
        late = " after it was done" if self.after and self.how is not How.HALF else ""
        return f"{self._calls(f'{self.method} call'.strip())} on {self.path.pattern or 'any path'}: {does}{late}"


@dataclass(slots=True, kw_only=True)
class CdnFault(Fault):
    """Befalls files: after ``delay_s``, at ``bytes_per_s`` (0: at once), or ``status`` (0: none) instead of them."""

    kind: ClassVar[str] = "cdn"
    delay_s: float = 0.0
    bytes_per_s: int = 0
    status: int = 0

    @property
    def words(self) -> str:
        """What it does, for a person to read."""
        parts = [
            f"{self.delay_s:g} s late" if self.delay_s else "",
            f"at {self.bytes_per_s} bytes a second" if self.bytes_per_s else "",
            f"answered with {self.status}" if self.status else "",
        ]
        return f"{self._calls('file')}: {', '.join(part for part in parts if part) or 'as ever'}"


@dataclass(slots=True, kw_only=True)
class ResumeFault(Fault):
    """Refuses resumes: the client must identify anew."""

    kind: ClassVar[str] = "gateway"

    @property
    def words(self) -> str:
        """What it does, for a person to read."""
        return f"{self._calls('resume')}: refused"


Kind = TypeVar("Kind", bound=Fault)


class Faults:
    """The faults that are armed, in the order in which they came."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._ids = itertools.count(1)
        self._armed: dict[int, Fault] = {}
        self._calm = asyncio.Event()

    def arm(self, fault: Fault) -> int:
        """Arm a fault, and return its number."""
        number = next(self._ids)
        self._armed[number] = fault
        self._tell()
        return number

    def disarm(self) -> None:
        """Disarm all, and let go of the calls that are kept waiting."""
        self._armed.clear()
        self._calm.set()
        self._calm = asyncio.Event()
        self._tell()

    async def wait(self, timeout_s: float) -> bool:
        """Wait, and tell whether the faults were disarmed meanwhile."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._calm.wait()
        except TimeoutError:
            return False

    def take_rest(self, method: str, path: str) -> RestFault | None:
        """Return the fault that is due for this call, if any, and count it."""
        return self._take(
            (number, fault)
            for number, fault in self._of(RestFault)
            if fault.method in {"", method} and fault.path.search(path)
        )

    def take_cdn(self) -> CdnFault | None:
        """Return the fault that is due for a file, if any, and count it."""
        return self._take(self._of(CdnFault))

    def take_resume(self) -> bool:
        """Tell whether a resume is to be refused, and count it."""
        return self._take(self._of(ResumeFault)) is not None

    def to_json(self) -> list[Json]:
        """Return what is armed, as the control API shows it."""
        return [
            {"id": str(number), "kind": fault.kind, "words": fault.words, "left": fault.left}
            for number, fault in self._armed.items()
        ]

    def _of(self, kind: type[Kind]) -> Iterator[tuple[int, Kind]]:
        return ((number, fault) for number, fault in self._armed.items() if isinstance(fault, kind))

    def _take(self, due: Iterator[tuple[int, Kind]]) -> Kind | None:
        number, fault = next(due, (0, None))
        if fault is not None and fault.left is not None:
            fault.left -= 1
            if fault.left <= 0:
                del self._armed[number]
            self._tell()
        return fault

    def _tell(self) -> None:
        self._feed.add("faults", {"faults": self.to_json()})
