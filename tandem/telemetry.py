"""Logging and metrics: names and meanings in one list; it never touches a hot path (figures are read when asked for)."""

import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streams.lane import Lane

# Every metric of a stream worker, with the label `lane`: field of LaneStats, name, kind, meaning.
METRICS = (
    ("records", "tandem_lane_records", "counter", "Records decided and committed."),
    ("emitted", "tandem_lane_emitted", "counter", "Records written: facts, writes, state changes."),
    ("batches", "tandem_lane_batches", "counter", "Transactions committed."),
    ("aborted", "tandem_lane_aborted", "counter", "Transactions aborted and decided again."),
    ("dead_letters", "tandem_lane_dead_letters", "counter", "Records parked as dead letters."),
    (
        "hot_keys",
        "tandem_lane_hot_keys",
        "counter",
        "Words about match keys that too many accounts hold to compare them.",
    ),
    ("restored_rows", "tandem_lane_restored_rows", "counter", "Changelog rows read to restore state."),
    ("restore_seconds", "tandem_lane_restore_seconds", "counter", "Seconds spent restoring state."),
    ("partitions", "tandem_lane_partitions", "gauge", "Partitions that this worker owns."),
)


class _Lanes(Collector):
    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = lanes

    def collect(self) -> list[Metric]:
        families: list[Metric] = []
        for field, name, kind, meaning in METRICS:
            family = (CounterMetricFamily if kind == "counter" else GaugeMetricFamily)(name, meaning, labels=["lane"])
            for lane in self._lanes:
                family.add_metric([lane.step.name], float(asdict(lane.stats)[field]))
            families.append(family)
        return families


def render(lanes: Sequence[Lane]) -> bytes:
    """What a worker answers at `/metrics`, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Lanes(lanes))
    return generate_latest(registry)


def log_to_stderr(level: str) -> None:
    """One line an event on stderr, time in UTC; stdout is kept for results."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("aiokafka", "faust", "mode", "urllib3", "botocore", "boto3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
