"""Files that were good once: whatever was done to them, the real decoder answers, and does not die of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from mutants import MOVING, Edit, mutants, mutated

from bot.intake.decoder import UNSAFE, UNSAFE_FILM

if TYPE_CHECKING:
    from conftest import Intake

EXAMPLES = max(150, settings().max_examples)


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(mutant=mutants)
def test_whatever_was_done_to_a_file_it_is_read_or_refused(intake: Intake, mutant: tuple[str, list[Edit]]) -> None:
    name, changes = mutant
    data = mutated(name, changes)
    assert intake.outcome(data) != UNSAFE
    if name in MOVING:
        assert intake.outcome(data, film=True) != UNSAFE_FILM
