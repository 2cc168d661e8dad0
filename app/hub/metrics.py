"""Metrics of the streams for Prometheus, of one process.

No label names a coverage: an archive has thousands, and each label value is a series for ever.
"""

from functools import cache
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

Outcome = Literal["new", "current", "buffer", "journal", "reset"]

_LAGS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SIZES = (1, 5, 10, 50, 100, 500, 1000, 5000)


# They would be a second series for each counter, without any use here.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """Counters and histograms, in a registry of their own so that tests can create many hubs."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.open = Gauge("dateline_connections", "Open streams.", ["transport"], registry=registry)
        self.opened = Counter(
            "dateline_connections_opened", "Streams begun.", ["transport"], registry=registry
        )
        self.closed = Counter(
            "dateline_connections_closed",
            "Streams ended or refused, by reason.",
            ["transport", "reason"],
            registry=registry,
        )
        self.lag = Histogram(
            "dateline_delivery_lag_seconds",
            "From an event's commit to its last write; one observation for up to 128 readers.",
            buckets=_LAGS,
            registry=registry,
        )
        self.resumes = Counter(
            "dateline_resumes",
            "Streams begun, by where they resume.",
            ["outcome"],
            registry=registry,
        )
        self.replayed = Histogram(
            "dateline_replay_events",
            "Events that a stream is behind when it resumes.",
            buckets=_SIZES,
            registry=registry,
        )
        self.readings = Counter(
            "dateline_journal_readings",
            "Readings of the journal for streams, each shared by all waiters.",
            registry=registry,
        )
        self.loop_lag = Histogram(
            "dateline_event_loop_lag_seconds",
            "How late the event loop runs, sampled four times a second.",
            buckets=_LAGS,
            registry=registry,
        )

    def count_opened(self, transport: str) -> None:
        """Count a stream that begins."""
        self._counter(self.opened, transport).inc()
        self._gauge(transport).inc()

    def count_closed(self, transport: str, reason: str) -> None:
        """Count a stream that has ended."""
        self._gauge(transport).dec()
        self._counter(self.closed, transport, reason).inc()

    def count_refused(self, transport: str) -> None:
        """Count a stream that was refused because of a limit."""
        self._counter(self.closed, transport, "over_limit").inc()

    def count_resumed(self, outcome: Outcome, behind: int) -> None:
        """Record how a stream resumes, and how many events it is behind the head."""
        self._counter(self.resumes, outcome).inc()
        if behind:
            self.replayed.observe(behind)

    # Cached: looking up a child by its labels takes longer than counting.
    @cache  # noqa: B019  bounded by the labels, and lives as long as the process
    def _counter(self, counter: Counter, *labels: str) -> Counter:
        return counter.labels(*labels)

    @cache  # noqa: B019
    def _gauge(self, transport: str) -> Gauge:
        return self.open.labels(transport)
