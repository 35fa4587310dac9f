"""A scheduled time → what was held until then is queued."""

from typing import Any

from shared.app import build_app
from shared.finding.reader import utc_time


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Queue what is due at {"scheduled_time": ISO 8601}, whenever that is called; answers how much it was."""
    app = build_app()
    return {"queued": app.sweeps.sweep(utc_time(event, "scheduled_time"))}
