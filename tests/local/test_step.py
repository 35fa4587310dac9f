"""A step that takes time, as it shows in a terminal and in a log."""

import re
import sys
import time

import pytest

import local.step
from local.step import NO_NETWORK, StepError, run_step, step


def command(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_step_is_one_line_with_its_time_whatever_its_command_prints(capfd: pytest.CaptureFixture[str]) -> None:
    run_step("Packages", command("print('collecting\\n' * 500)"))
    assert re.fullmatch(r"  Packages … \d+\.\d s\n", capfd.readouterr().out)


def test_a_step_that_fails_shows_all_that_its_command_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StepError) as failure:
        run_step("Packages", command("import sys; print('collecting'); sys.exit('no space left on device')"))
    assert sorted(str(failure.value).splitlines()) == ["collecting", "no space left on device"]
    assert re.fullmatch(r"  Packages … failed after \d+\.\d s\n", capfd.readouterr().out)


@pytest.mark.parametrize(
    "printed",
    [
        "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",  # pip, Linux
        "Failed to establish a new connection: [Errno 8] nodename nor servname provided, or not known",  # pip, macOS
        "  Caused by: dns error\n  Caused by: failed to lookup address information",  # uv
        "npm error code EAI_AGAIN",
        "npm error code ENOTFOUND",
    ],
)
def test_a_step_without_network_says_what_to_do_in_one_sentence(printed: str) -> None:
    with pytest.raises(StepError) as failure:
        run_step("Packages", command(f"import sys; print('collecting'); sys.exit({printed!r})"))
    assert str(failure.value) == NO_NETWORK
    assert NO_NETWORK.count("\n") == 0


def test_on_a_terminal_a_bar_moves_and_leaves_no_trace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(local.step, "BAR_AFTER_SECONDS", 0)
    with step("Packages"):
        time.sleep(0.5)  # the bar moves each tenth of a second
    drawn = capsys.readouterr().out.split("\r\x1b[K")
    assert len({line for line in drawn if "█" in line}) > 1
    assert re.fullmatch(r"  Packages … \d+\.\d s\n", drawn[-1])
