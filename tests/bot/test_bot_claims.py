"""What is claimed is done once, also by a press that was on its way."""

from __future__ import annotations

import pytest

from bot.claims import ON_ITS_WAY_S, Claims


def test_what_was_done_a_moment_ago_is_not_done_again_and_later_it_is() -> None:
    now = 0.0
    claims = Claims(lambda: now)
    with claims.on("share") as first, claims.on("share") as second, claims.on("another") as other:
        assert (first, second, other) == (True, False, True)
    with claims.on("share") as again:
        assert not again
    now += ON_ITS_WAY_S
    with claims.on("share") as later:
        assert later
    now += ON_ITS_WAY_S
    with claims.on("else"):
        assert len(claims._held) == 1, "what is over is not remembered"


def test_what_failed_can_be_done_at_once() -> None:
    claims = Claims()
    with pytest.raises(ValueError, match="full"), claims.on("share"):
        raise ValueError("full")
    with claims.on("share") as again:
        assert again
