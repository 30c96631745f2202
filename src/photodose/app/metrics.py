"""Prometheus metrics: requests, sessions stored, backups. No label holds anything about a person."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
REQUESTS = Counter("photodose_requests", "Requests answered", ("method", "route", "status"), registry=REGISTRY)
LATENCY = Histogram(
    "photodose_request_seconds",
    "Time to answer a request",
    ("route",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=REGISTRY,
)
EVENTS = Counter("photodose_session_events", "Session events received", ("outcome",), registry=REGISTRY)
LAST_BACKUP = Gauge("photodose_last_backup_timestamp_seconds", "When the last good backup was made", registry=REGISTRY)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request of `seconds` [s]."""
    REQUESTS.labels(method if method in METHODS else "other", route, str(status)).inc()
    LATENCY.labels(route).observe(seconds)


def exposition() -> bytes:
    """All metrics in the text format of Prometheus."""
    return generate_latest(REGISTRY)
