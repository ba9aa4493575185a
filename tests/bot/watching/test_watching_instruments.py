"""The instruments, read as Prometheus reads them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families
from standins import a_job

from bot.job import Job, Shown, State
from bot.jobs.events import Begun, Broke, Delivered, Ended, Retried, TurnedAway
from bot.pool.interface import Worker
from bot.watching.instruments import Instruments, Now
from engine.recipe import Recipe

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(page: bytes) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((name, frozenset(labels.items())))


@pytest.fixture
def job() -> Job:
    ids = {"id": 7, "interaction_id": 1, "person_id": 98_765_432_101, "guild_id": 98_765_432_102, "channel_id": 3}
    return a_job(**ids, restricted=False, source_hash=None, result_hash=None, recipe=Recipe(network="lite0").to_json())


def test_a_life_is_counted_once(job: Job) -> None:
    one = Instruments()
    dreamed = replace(job, state=State.DREAMED, seconds=3.0)
    film = replace(dreamed, film="{}", recipe=Recipe(network="lite2+lite0").to_json())
    for event in (
        Begun(job, 1.5),
        Broke(job, "died"),
        Ended(dreamed),
        Ended(film),
        Retried(job),
        Delivered(dreamed, Shown.POSTED),
        TurnedAway("whole"),
    ):
        one.hear(event)
    for begins in (True, False, False):
        one.hear_flood("person", begins)
    samples = read(one.page(Now()))
    assert value(samples, "oneiros_floods_total", scope="person") == 1
    assert value(samples, "oneiros_acts_turned_away_total", scope="person") == 3
    assert value(samples, "oneiros_wait_seconds_sum", kind="picture") == 1.5
    assert value(samples, "oneiros_wait_seconds_bucket", kind="picture", le="1.0") == 0
    assert value(samples, "oneiros_wait_seconds_bucket", kind="picture", le="2.5") == 1
    assert value(samples, "oneiros_dream_seconds_sum", kind="picture", network="lite0") == 3.0
    assert value(samples, "oneiros_dream_seconds_count", kind="film", network="several") == 1
    assert value(samples, "oneiros_jobs_ended_total", kind="picture", outcome="dreamed") == 1
    assert value(samples, "oneiros_faults_total", kind="picture", fault="died") == 1
    assert value(samples, "oneiros_delivery_retries_total") == 1
    assert value(samples, "oneiros_turned_away_total", scope="whole") == 1


def test_what_is_so_now_is_read_now_and_what_nobody_knows_is_left_out() -> None:
    one = Instruments()
    workers = [Worker("cuda:0", 4, 2**30, ("lite2",), 38.0, 3, job_id=7, starts=2, gpu_bytes=2**31)]
    workers += [replace(worker, job_id=None) for worker in workers]
    counts = {(State.QUEUED, False): 3, (State.RUNNING, True): 1}
    samples = read(one.page(Now({"database": True, "gateway": False}, counts, workers, [(0, 0.04), (1, float("nan"))])))
    assert value(samples, "oneiros_ready", part="gateway") == 0
    assert value(samples, "oneiros_jobs", state="queued", kind="picture") == 3
    assert value(samples, "oneiros_jobs", state="queued", kind="film") == 0
    assert value(samples, "oneiros_gateway_latency_seconds", shard="0") == 0.04
    assert value(samples, "oneiros_gateway_latency_seconds", shard="1") is None
    assert value(samples, "oneiros_worker_starts_total", worker="cuda:0") == 2
    assert value(samples, "oneiros_worker_dreams", worker="cuda:0, 2") == 0
    assert value(samples, "oneiros_worker_gpu_memory_bytes", worker="cuda:0") == 2**31
    assert value(read(one.page(Now())), "oneiros_jobs", state="queued", kind="picture") is None


def test_two_bots_in_one_process_do_not_meet(job: Job) -> None:
    one, other = Instruments(), Instruments()
    one.hear(Begun(job, 1.0))
    assert value(read(other.page(Now())), "oneiros_wait_seconds_count", kind="picture") is None


def test_no_label_names_anybody(job: Job) -> None:
    one = Instruments()
    for event in (Begun(job, 1.0), Broke(job, "hung"), Ended(replace(job, state=State.CANCELLED))):
        one.hear(event)
    page = one.page(Now())
    labels = {label for _, pairs in read(page) for label, _ in pairs}
    assert b"987654321" not in page
    assert labels <= {"kind", "network", "outcome", "fault", "le"}
