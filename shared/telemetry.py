"""Structured logs and metrics."""

from traceback import format_tb

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from shared.text import excerpt

NAMESPACE = "Shirase"


def trace_of(error: BaseException) -> str:
    """Where an error was raised, and those that led to it; their texts, which may quote anything, are cut."""
    frames = "".join(format_tb(error.__traceback__))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{frames}{type(error).__name__}: {excerpt(error)}" + (f"\n\nafter\n\n{trace_of(cause)}" if cause else "")


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
