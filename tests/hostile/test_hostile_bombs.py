"""Small files that would be large, slow or endless: each gets its sentence, hardly any memory, and ends no process.

How long each takes, and what of the system's limits, `make fuzz` measures.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
from bombs import REFUSED, TAKEN
from polyglots import FIRST, PAYLOAD, POLYGLOTS

from bot.errors import UserError

if TYPE_CHECKING:
    from conftest import Intake

BOMBS = REFUSED | TAKEN
# Resident, of the decoder's process after all of them: 51 MiB are Python and Pillow, 20 FFmpeg, and files themselves
# have up to 24 and stay a while.
MOST_BYTES = 300 * 2**20


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_a_sentence_and_no_process(intake: Intake, name: str) -> None:
    bomb, before = BOMBS[name], intake.pid
    data = bomb.make()
    for pattern, film in ((bomb.picture, False), (bomb.film, True)):
        if pattern is not None:
            outcome = intake.outcome(data, film=film)
            assert re.search(pattern, outcome), outcome
    assert before in {None, intake.pid}, "the process was replaced"
    if sys.platform == "linux":
        assert intake.peak_bytes < MOST_BYTES


@pytest.mark.parametrize("name", POLYGLOTS)
def test_of_a_file_that_is_two_things_only_the_picture_is_left(intake: Intake, name: str) -> None:
    data = POLYGLOTS[name]()
    assert PAYLOAD in data
    assert PAYLOAD not in intake.clean(data).png


@pytest.mark.parametrize("name", FIRST)
def test_a_file_that_begins_as_something_else_is_no_picture(intake: Intake, name: str) -> None:
    with pytest.raises(UserError, match="not a picture"):
        intake.clean(FIRST[name]())
