"""The command as an operator types it: words, what is said to its questions, its environment."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result

Command = Callable[..., Result]
