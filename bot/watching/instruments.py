"""The instruments that Prometheus reads. Labels are words of ours, few of each: no person, server or channel."""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.floods import Scope
from bot.job import Job, State
from bot.jobs.events import Begun, Broke, Ended, Event, Retried, TurnedAway
from bot.pool.interface import Worker
from bot.watching.lives import kind_of
from engine.recipe import Recipe

# From a GPU's fraction of a second to a film on two cores, or a queue of an hour.
SECONDS = (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0, 3600.0)
SEVERAL = "several"  # networks that dream together: their names would make too many labels


@dataclass(frozen=True)
class Now:
    """What is read in the moment that somebody asks."""

    parts: Mapping[str, bool] = field(default_factory=dict)  # of ``Readiness.look``
    jobs: Mapping[tuple[State, bool], int] | None = None  # of ``JobStore.live_counts``; None: no answer
    workers: Sequence[Worker] = ()
    latencies: Sequence[tuple[int, float]] = ()  # in seconds, by shard; not finite where there is none
    paused: bool = False  # no new dreams are taken


class Instruments(Collector):
    """The instruments of one bot, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._now = Now()
        self._waits = Histogram(
            "oneiros_wait_seconds", "From asked to begun.", ["kind"], buckets=SECONDS, registry=registry
        )
        self._dreams = Histogram(
            "oneiros_dream_seconds", "Spent dreaming.", ["kind", "network"], buckets=SECONDS, registry=registry
        )
        self._ended = Counter("oneiros_jobs_ended", "Jobs by their outcome.", ["kind", "outcome"], registry=registry)
        self._faults = Counter("oneiros_faults", "Attempts that came to nothing.", ["kind", "fault"], registry=registry)
        self._turned_away = Counter("oneiros_turned_away", "Refused for a quota.", ["scope"], registry=registry)
        self._floods = Counter("oneiros_floods", "Too many acts at once.", ["scope"], registry=registry)
        self._acts = Counter("oneiros_acts_turned_away", "Acts of floods.", ["scope"], registry=registry)
        self._retries = Counter("oneiros_delivery_retries", "Tellings tried again.", registry=registry)
        ProcessCollector(registry=registry)
        registry.register(self)

    def hear(self, event: Event) -> None:
        """Count what befell a job."""
        match event:
            case Begun(job=job, waited_s=waited_s):
                self._waits.labels(kind_of(job)).observe(waited_s)
            case Broke(job=job, fault=fault):
                self._faults.labels(kind_of(job), fault).inc()
            case Ended(job=job):
                self._ended.labels(kind_of(job), job.state.value).inc()
                if job.state is State.DREAMED and job.seconds is not None:
                    self._dreams.labels(kind_of(job), network_of(job)).observe(job.seconds)
            case TurnedAway(scope=scope):
                self._turned_away.labels(scope).inc()
            case Retried():
                self._retries.inc()
            case _:
                pass

    def hear_flood(self, scope: Scope, begins: bool) -> None:
        """Count an act that was turned away, and the flood that begins with it."""
        self._acts.labels(scope).inc()
        if begins:
            self._floods.labels(scope).inc()

    def page(self, now: Now) -> bytes:
        """Return everything in Prometheus's text format."""
        self._now = now
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield what is read now, for the registry."""
        now = self._now
        ready = GaugeMetricFamily("oneiros_ready", "Whether a part can be used.", labels=["part"])
        for name, is_ready in now.parts.items():
            ready.add_metric([name], float(is_ready))
        yield ready
        yield GaugeMetricFamily("oneiros_paused", "1 while no new dreams are taken.", value=float(now.paused))
        if now.jobs is not None:
            yield _jobs(now.jobs)
        latency = GaugeMetricFamily("oneiros_gateway_latency_seconds", "Of the last heartbeat.", labels=["shard"])
        for shard, seconds in now.latencies:
            if isfinite(seconds):
                latency.add_metric([str(shard)], seconds)
        yield latency
        yield from _workers(now.workers)


def network_of(job: Job) -> str:
    """Return a job's network as a label."""
    network = Recipe.from_json(job.recipe).network
    return SEVERAL if "+" in network else network


def _jobs(counts: Mapping[tuple[State, bool], int]) -> Metric:
    jobs = GaugeMetricFamily("oneiros_jobs", "Jobs without an outcome, in the database.", labels=["state", "kind"])
    for state in (State.ACCEPTED, State.QUEUED, State.RUNNING):
        for is_film, kind in ((False, "picture"), (True, "film")):
            jobs.add_metric([state.value, kind], counts.get((state, is_film), 0))
    return jobs


def _workers(workers: Sequence[Worker]) -> Iterator[Metric]:
    starts = CounterMetricFamily("oneiros_worker_starts", "Processes started for a worker.", labels=["worker"])
    dreaming = GaugeMetricFamily("oneiros_worker_dreams", "1 while it dreams.", labels=["worker"])
    memory = GaugeMetricFamily("oneiros_worker_memory_bytes", "Resident.", labels=["worker"])
    gpu = GaugeMetricFamily("oneiros_worker_gpu_memory_bytes", "Held when its last dream began.", labels=["worker"])
    count: Count[str] = Count()
    for worker in workers:
        count[worker.device] += 1
        name = [worker.device if count[worker.device] == 1 else f"{worker.device}, {count[worker.device]}"]
        starts.add_metric(name, worker.starts)
        dreaming.add_metric(name, float(worker.job_id is not None))
        memory.add_metric(name, worker.memory_bytes)
        if not worker.device.startswith("cpu"):
            gpu.add_metric(name, worker.gpu_bytes)
    yield from (starts, dreaming, memory, gpu)
