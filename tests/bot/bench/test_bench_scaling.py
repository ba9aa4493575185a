"""The arithmetic of docs/scaling.md: closed form and simulation say the same where both apply, and the page says it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.bench.scaling import scaling
from bot.bench.waiting import AS_THEY_ARE, Load, chance_to_wait, foretold, needed, simulated, waits

PAGE = Path(__file__).parents[3] / "docs" / "scaling.md"


def load_of(busy: float) -> Load:
    """Return a load that keeps ``busy`` workers busy, with dreams of 2 s."""
    return Load(people=10_000, dreams_a_day=1.0, peak_share=busy / 2 * 3600 / 10_000, seconds=2.0)


@pytest.mark.parametrize(("workers", "part"), [(1, 0.5), (1, 0.7), (2, 0.8), (5, 0.8)])
def test_the_closed_form_and_the_simulation_agree_where_both_apply(workers: int, part: float) -> None:
    load = load_of(workers * part)
    told, seen = foretold(load, workers), waits(simulated(load, workers, 20_000, seed=1))
    assert seen.mean == pytest.approx(told.mean, rel=0.1)
    assert seen.p95 == pytest.approx(told.p95, rel=0.1)
    assert seen.median == pytest.approx(told.median, abs=0.1 * load.seconds)


def test_the_chance_to_wait_is_erlangs() -> None:
    assert chance_to_wait(1, 0.7) == pytest.approx(0.7)  # one worker: as often as it is busy
    assert chance_to_wait(2, 1.0) == pytest.approx(1 / 3)  # by hand: (1 / 2 · 2) / (1 + 1 + 1)
    assert chance_to_wait(500, 450.0) < 0.05
    with pytest.raises(ValueError, match="cannot serve"):
        chance_to_wait(2, 2.0)


def test_as_few_workers_as_do_are_needed() -> None:
    load = load_of(3.3)
    few = needed(load, within_s=1.0)
    assert foretold(load, few).p95 <= 1.0 < foretold(load, few - 1).p95


def test_who_asks_for_one_dream_does_not_wait_for_those_who_ask_for_four() -> None:
    begun = simulated(load_of(2.4), 3, 10_000, seed=2, crowd=AS_THEY_ARE)
    one, four = (waits([dream for dream in begun if dream.together == together]) for together in (1, 4))
    assert min(dream.waited for dream in begun) >= 0.0
    assert one.median < four.median / 2
    assert one.mean < four.mean


def test_the_page_has_what_the_bench_prints() -> None:
    table = PAGE.read_text().partition("<!-- scaling -->\n")[2].partition("<!-- /scaling -->")[0]
    said = CliRunner().invoke(scaling, [], catch_exceptions=False).output
    assert "| 200,000 |" in said
    assert table == said, "put what `python -m bot.bench scaling` prints between the two markers"
