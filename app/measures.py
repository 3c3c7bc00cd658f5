"""What is counted and timed, by the names and units of Prometheus.

Every label has few values, all of them ours: routes by their name in the code, never an address
that somebody typed. https://prometheus.io/docs/practices/naming/
"""

import os
from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app import metric_files

# Searching takes milliseconds, decoding a large picture most of a second.
_BUCKETS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
)  # fmt: skip

# What takes time while a request is answered. Waiting is for one's turn to decode.
STAGES: Final = ("wait", "decode", "encode", "rank", "second_look", "redraw", "render")
# Why a request is sent away for there being too many.
SHED: Final = ("busy", "queue")


class Measures:
    """The measures of one application, in this process; `exposed` adds all processes up."""

    def __init__(self) -> None:
        if metric_files.VARIABLE in os.environ:
            values.ValueClass = values.MultiProcessValue(metric_files.taken)  # type: ignore[no-untyped-call]
        own = self._own = CollectorRegistry()
        self.stages = Histogram(
            "imagesearch_stage_duration_seconds", "Time of each stage of an answer.",
            ["stage"], buckets=_BUCKETS, registry=own,
        )  # fmt: skip
        self.requests = Histogram(
            "imagesearch_request_duration_seconds", "Time from a request to its answer.",
            ["route"], buckets=_BUCKETS, registry=own,
        )  # fmt: skip
        self.answers = Counter(
            "imagesearch_requests", "Answers by route and status.", ["route", "status"],
            registry=own,
        )  # fmt: skip
        self.errors = Counter(
            "imagesearch_errors", "Answers that tell of a failure, by its kind.", ["kind"],
            registry=own,
        )  # fmt: skip
        self.shed = Counter(
            "imagesearch_shed", "Requests that were sent away for there being too many.",
            ["reason"], registry=own,
        )  # fmt: skip
        self.answering = Gauge(
            "imagesearch_requests_in_progress", "Requests that are being answered.",
            registry=own, multiprocess_mode="livesum",
        )  # fmt: skip
        self.waiting = Gauge(
            "imagesearch_pictures_waiting", "Pictures that wait for their turn.",
            registry=own, multiprocess_mode="livesum",
        )  # fmt: skip
        # A line that is there from the start: what was never counted would look like no data.
        for stage in STAGES:
            self.stages.labels(stage)
        for reason in SHED:
            self.shed.labels(reason)
        self.errors.labels("internal")

    def exposed(self, accept: str, present: "Present") -> tuple[bytes, str]:
        """Return what all processes have measured, as text, and the type of that text."""
        registry = CollectorRegistry()
        if metric_files.VARIABLE in os.environ:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        else:
            registry.register(_Whole(self._own))
        registry.register(present)
        encode, content_type = choose_encoder(accept)
        return encode(registry), content_type


class _Whole(Collector):
    """A registry within another."""

    def __init__(self, inner: CollectorRegistry) -> None:
        self._inner = inner

    def collect(self) -> Iterable[Metric]:
        return self._inner.collect()


class Present(Collector):
    """What is so now, by name, and which model and bundle that is so of."""

    def __init__(self, gauges: Mapping[str, tuple[str, float]], model: dict[str, str]) -> None:
        """gauges: what each is, and its value."""
        self._gauges = gauges
        self._model = model

    def collect(self) -> Iterable[Metric]:
        """Yield them."""
        for name, (help_, value) in self._gauges.items():
            yield GaugeMetricFamily(f"imagesearch_{name}", help_, value=value)
        yield InfoMetricFamily(
            "imagesearch_model", "The model and the bundle that are served.", value=self._model
        )
