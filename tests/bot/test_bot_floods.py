"""Floods, by a given clock: what one, a server and all together may do, and what the others keep meanwhile."""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buckets import Buckets
from bot.floods import DISCORD_BEGAN, KEPT, OVER_S, Actor, Answer, FloodError, Floods, Rates, Scope

RATES = Rates(person=10, server=240, whole=480, new_days=7.0)
AT_ONCE = {"person": 10, "server": 40, "whole": 80}  # what the buckets hold
DAY_S = 24 * 3600.0
NOW_S = time.time()


def account(number: int, days: float = 1000.0) -> int:
    """Return the id of an account that was made some days ago."""
    return int((NOW_S - days * DAY_S - DISCORD_BEGAN) * 1000) << 22 | number


ADA, BOB = account(1), account(2)


@dataclass
class Crowd:
    """People before a limiter, and what comes of their acts."""

    rates: Rates = RATES
    now: float = 0.0
    answers: Counter[Answer] = field(default_factory=Counter)
    heard: list[tuple[Scope, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.floods = Floods(self.rates, lambda: self.now)
        self.floods.on_turned_away.append(lambda scope, begins: self.heard.append((scope, begins)))

    def may(self, person_id: int, guild_id: int | None = 1, *, typing: bool = False) -> bool:
        try:
            self.floods.check(Actor(person_id, guild_id), typing=typing)
        except FloodError as error:
            self.answers[error.answer] += 1
            return False
        return True


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0, 5)), max_size=200))
def test_nobody_ever_takes_more_than_a_bucket_holds_and_gains(taken: list[tuple[str, float]]) -> None:
    now = 0.0
    buckets = Buckets(5, 2.0, most=3, clock=lambda: now)
    got: dict[str, list[float]] = {}
    for who, pause_s in taken:
        now += pause_s
        wait_s = buckets.take(who)
        assert len(buckets) <= 3
        if wait_s:
            assert 0 < wait_s <= 0.5 + 1e-9
            continue
        got.setdefault(who, []).append(now)
    if len(got) <= 3:  # nobody was forgotten
        for moments in got.values():
            for number, since in enumerate(moments):
                assert len([at for at in moments[number:] if at <= since + 10]) <= 5 + 10 * 2 + 1


@given(st.integers(0, 4), st.floats(0.1, 100))
def test_after_what_it_said_there_is_a_permission(kept: int, a_second: float) -> None:
    now = 0.0
    buckets = Buckets(5, a_second, clock=lambda: now)
    while not buckets.take("ada"):
        pass
    now += buckets.wait_s("ada", kept) + 1e-6
    assert buckets.wait_s("ada", kept) == 0
    assert buckets.left("ada") >= kept + 1


acts = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from([1, 2, 3, None]), st.booleans(), st.floats(0, 2)), max_size=400
)


@given(acts)
def test_no_acts_get_past_a_bound_whoever_does_them_and_where(done: list[tuple[int, int | None, bool, float]]) -> None:
    crowd = Crowd()
    people, servers = [account(number, 1 if number % 2 else 1000) for number in range(31)], Counter[int | None]()
    by: Counter[int] = Counter()
    for number, guild_id, typing, pause_s in done:
        crowd.now += pause_s
        if crowd.may(people[number], guild_id, typing=typing) and not typing:
            by[number] += 1
            servers[guild_id] += 1
    minutes = crowd.now / 60 + 1e-6
    assert all(count <= AT_ONCE["person"] + RATES.person * minutes for count in by.values())
    assert all(servers[guild] <= AT_ONCE["server"] + RATES.server * minutes for guild in (1, 2, 3))
    assert by.total() <= AT_ONCE["whole"] + RATES.whole * minutes


def test_a_mashed_button_is_answered_once_then_in_silence_then_not_at_all(caplog: pytest.LogCaptureFixture) -> None:
    crowd = Crowd()
    with caplog.at_level(logging.WARNING, "bot.floods"):
        assert [crowd.may(ADA) for _ in range(50)] == [True] * 10 + [False] * 40
    assert crowd.answers == {Answer.SENTENCE: 1, Answer.SILENCE: 10, Answer.NOTHING: 29}
    assert crowd.heard == [("person", True), *[("person", False)] * 39]
    (line,) = caplog.messages
    assert f"oneiros admin people block {ADA}" in line
    assert [crowd.may(BOB) for _ in range(10)] == [True] * 10, "she is no loss to him"
    crowd.now += 60 / RATES.person
    assert [crowd.may(ADA) for _ in range(2)] == [True, False]


def test_a_flood_that_goes_on_is_one_line_and_one_after_a_pause_another(caplog: pytest.LogCaptureFixture) -> None:
    crowd = Crowd()
    with caplog.at_level(logging.WARNING, "bot.floods"):
        for _ in range(20):
            while crowd.may(ADA):
                pass
            crowd.now += OVER_S / 2
        assert len(caplog.messages) == 1
        assert crowd.answers[Answer.SENTENCE] == 10, "whoever still presses is told once a minute"
        crowd.now += 2 * OVER_S
        while crowd.may(ADA):
            pass
    assert len(caplog.messages) == 2


def test_many_new_accounts_take_nothing_of_what_is_kept_for_others() -> None:
    crowd = Crowd()
    crowds = [account(number, days=1) for number in range(3, 503)]
    passed = sum(crowd.may(person) for person in crowds for _ in range(5))
    assert passed == AT_ONCE["server"] * (1 - KEPT)
    assert {scope for scope, _ in crowd.heard} == {"server"}
    assert crowd.may(ADA), "of what is kept, in the flooded server itself"
    assert crowd.may(BOB, 2)
    assert crowd.may(crowds[0], 2), "another server is not full"


def test_members_who_flood_their_server_leave_places_for_who_comes_quietly() -> None:
    crowd = Crowd(Rates(person=10, server=40, whole=1000, new_days=7.0))
    members = [account(number) for number in range(3, 9)]
    for _ in range(60):  # a minute in which each presses five times a second
        for person in members * 5:
            crowd.may(person)
        crowd.now += 1
    assert crowd.may(ADA)
    assert all(crowd.may(ADA, 2) for _ in range(5))


def test_servers_that_flood_leave_places_for_the_others() -> None:
    crowd = Crowd()
    for _ in range(60):
        for number in range(3, 15):
            crowd.may(account(number), number % 5)
        crowd.now += 0.1
    assert {scope for scope, _ in crowd.heard} == {"person", "whole"}
    assert crowd.may(ADA, 99)


def test_whoever_types_fast_may_still_press() -> None:
    crowd = Crowd()
    typed = [crowd.may(ADA, typing=True) for _ in range(100)]
    assert sum(typed) == 4, "five seconds of four times the acts a minute"
    assert crowd.answers[Answer.SENTENCE] == 0, "suggestions have no place for it"
    assert crowd.may(ADA)


def test_what_is_remembered_of_floods_is_bounded() -> None:
    crowd = Crowd(Rates(person=1, server=10**6, whole=10**6, new_days=0.0))
    for number in range(2000):
        person = account(number)
        assert [crowd.may(person) for _ in range(2)] == [True, False]
    assert len(crowd.floods._seen) == 1000


def test_an_account_tells_its_age_and_with_no_days_none_is_new() -> None:
    crowd = Crowd(replace(RATES, new_days=0.0))
    for number in range(3, 53):
        crowd.may(account(number, days=0.001))
    assert crowd.heard == [("server", True), *[("server", False)] * 9], (
        "each acted but once: none is turned away before"
    )
