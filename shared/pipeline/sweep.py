"""What was held and is due → the alert queue, which brings it to its end as it does events."""

import json
from datetime import datetime, timedelta

from shared.aws.alert_queue import AlertQueue
from shared.aws.ledger import Ledger
from shared.telemetry import Telemetry

CLOSE_DUE = "close what is due"
QUEUED_AGAIN_AFTER = timedelta(hours=6)  # Slack takes an edit a second, and a storm may have to wait for its turn


class SweepPipeline:
    """Sweeps the ledger."""

    def __init__(self, *, ledger: Ledger, queue: AlertQueue, telemetry: Telemetry) -> None:
        self._ledger = ledger
        self._queue = queue
        self._telemetry = telemetry

    def sweep(self, due_by: datetime) -> int:
        """Queue every closing that is due by then; how many there were. Doing so again does no harm."""
        queued = 0
        for key in self._ledger.due(due_by):
            body = {"shirase": CLOSE_DUE, "violation": key, "due_by": due_by.isoformat()}
            self._queue.send(json.dumps(body), 0)
            self._ledger.put_off(key, due_by + QUEUED_AGAIN_AFTER)
            queued += 1
        self._telemetry.log.info("swept", extra={"queued": queued})
        return queued


def violation_due(body: object) -> tuple[str, datetime] | None:
    """Whose held closing a message on the queue asks to carry out, and by when it was due; None if it is anything
    else."""
    if not isinstance(body, dict) or body.get("shirase") != CLOSE_DUE:
        return None
    return str(body["violation"]), datetime.fromisoformat(body["due_by"])
