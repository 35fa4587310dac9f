"""Structured logs and metrics."""

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE = "Shirase"


class Telemetry:
    """One logger and one set of metrics; both name the stack as their service, so that two stacks don't mix."""

    def __init__(self) -> None:
        self.log = Logger()
        self._metrics = Metrics(namespace=NAMESPACE)

    def count(self, metric: str) -> None:
        self._metrics.add_metric(name=metric, unit=MetricUnit.Count, value=1)

    def flush(self) -> None:
        """Write what was counted to the log, where CloudWatch finds it (its User Guide, "Embedded metric format")."""
        if self._metrics.metric_set:
            self._metrics.flush_metrics()
