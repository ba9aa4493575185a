"""Faults that a program asks for: the next REST calls that match are answered with an error."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(slots=True)
class RestFault:
    """Answer the next ``times`` calls of ``method`` (empty: any) whose path matches ``path`` with ``status``."""

    path: re.Pattern[str]
    status: int
    method: str = ""
    times: int = 1
    code: int = 0
    retry_after_s: float = 1.0


class Faults:
    """The faults that wait for their calls."""

    def __init__(self) -> None:
        self._rest: list[RestFault] = []

    def add(self, fault: RestFault) -> None:
        """Arm a fault."""
        self._rest.append(fault)

    def take(self, method: str, path: str) -> RestFault | None:
        """Return the fault that is due for this call, if any, and count it."""
        for fault in self._rest:
            if fault.method in {"", method} and fault.path.search(path):
                fault.times -= 1
                if fault.times <= 0:
                    self._rest.remove(fault)
                return fault
        return None
