"""What /about says of how the bot is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.health import Health
from bot.language import language_of
from bot.pool.interface import Worker
from bot.settings import Settings
from bot.views import about
from bot.views.about import About
from engine import catalogue

ENGLISH = language_of("en-US")
AWAKE = Worker("cuda:1 on 10.9.8.7", 4711, 0, ("lite2",), 38.4, 3)
WELL = About(Settings.model_construct(data_dir=Path("/srv/oneiros")), Health((AWAKE,), 0, 0.0), 0.045)


def words(of: About) -> str:
    return str(about.lay_out(ENGLISH, of).to_components())


def with_health(**changes: Any) -> About:
    return replace(WELL, health=replace(WELL.health, **changes))


def test_when_all_is_well_it_says_so_and_with_what() -> None:
    said = words(WELL)
    for part in ("All is well", "45 ms", "GPU 1: awake, 38 GFLOP a second", "begins at once", "PyTorch"):
        assert part in said
    assert "⚠️" not in said


def test_every_network_is_named_with_its_licences() -> None:
    said = words(WELL)
    for one in catalogue.networks().values():
        assert f"{one.title} (`{one.name}`): code {one.code_license}, weights {one.weights_license}" in said


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (replace(WELL, latency_s=2.5), "connection to Discord is slow"),
        (with_health(waiting=None, wait_s=None), "database does not answer"),
        (with_health(workers=(replace(AWAKE, pid=None),)), "Nobody dreams"),
        (with_health(workers=()), "Nobody dreams"),
        (with_health(workers=(AWAKE, replace(AWAKE, pid=None))), "1 of 2 workers are being started"),
        (with_health(waiting=80, wait_s=900.0), "a new one begins in about 15 min"),
    ],
    ids=["gateway", "database", "worker", "workers", "some", "queue"],
)
def test_what_is_wrong_is_said_first(of: About, said: str) -> None:
    (line,) = about.trouble_in(ENGLISH, of)
    assert said in line
    assert words(of).index(line) < words(of).index("GFLOP" if of.health.workers[:1] == (AWAKE,) else "The engine")
    assert "All is well" not in words(of)


@pytest.mark.parametrize(
    ("worker", "said"),
    [
        (replace(AWAKE, device="cpu", job_id=7), "CPU: dreaming, 38 GFLOP a second"),
        (replace(AWAKE, device="cuda", speed=None), "GPU: getting ready"),
        (replace(AWAKE, pid=None), "GPU 1: being started"),
    ],
    ids=["dreams", "starts", "away"],
)
def test_a_worker_is_told_as_it_is(worker: Worker, said: str) -> None:
    assert said in words(with_health(workers=(worker,)))


def test_before_the_first_heartbeat_no_time_is_told() -> None:
    assert "Discord answers" not in words(replace(WELL, latency_s=None))


def test_nothing_of_the_machine_is_told() -> None:
    said = words(with_health(workers=(AWAKE,) * 9))
    for secret in ("10.9.8.7", "/srv", "4711"):
        assert secret not in said
    assert "and 3 more workers" in said


def test_links_are_there_only_where_a_setting_names_them() -> None:
    assert "Source" not in words(WELL)
    linked = Settings.model_construct(source_url="https://example.org/code", privacy_url="https://example.org/privacy")
    said = words(replace(WELL, settings=linked))
    assert "https://example.org/code" in said
    assert "https://example.org/privacy" in said
