"""Events of violations that nobody has reported yet."""

from datetime import UTC, datetime

import pytest

from local.panel.fresh import fresh
from shared.finding.event import parse_event
from tests.findings import sample

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


@pytest.mark.parametrize("name", ["s3_bucket_public", "minimal_fields", "iam_root_access_key_critical"])
def test_each_is_of_a_resource_of_its_own(name: str) -> None:
    violations = [parse_event(event) for event in (sample(name), fresh(sample(name), NOW), fresh(sample(name), NOW))]
    assert len({violation.key for violation in violations if violation}) == 3
