"""What the functions are given where they run in a command's own process."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from local.digest import run_digest
from local.errors import InputError
from local.replay import replay
from local.stack import settings


@pytest.mark.parametrize("run", [lambda: replay([]), run_digest], ids=["replay", "digest"])
def test_settings_that_can_not_be_are_told_before_anything_starts(
    run: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def local_aws(_: Path) -> None:
        pytest.fail("a local AWS was started")

    monkeypatch.setattr(settings, "local_aws", local_aws)
    monkeypatch.setattr(os, "environ", {**os.environ, "BURST_LIMIT": "many", "SLACK_API_URL": "not our affair"})
    with pytest.raises(InputError) as told:
        run()
    assert str(told.value).splitlines()[1:] == ["- BURST_LIMIT is 'many': give a whole number from 1 to 300"]
