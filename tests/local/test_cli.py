"""What the command line takes and refuses. What the commands do is tested where they have something to do it with."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from local import cli, root
from local.errors import CommandError
from local.root import ROOT

SUBCOMMANDS = {"demo", "replay", "digest", "redrive", "forget", "routes", "check"}
HEAVY = {"boto3", "botocore", "rich", "slack_sdk", "starlette", "uvicorn"}


class Shell:
    """The command, run in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code, standard output, and standard error."""
        self._monkeypatch.setattr(sys, "argv", ["shirase", *arguments])
        code = cli.main()
        printed = self._capsys.readouterr()
        return code, printed.out, printed.err


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_every_subcommand(shell: Shell, arguments: tuple[str, ...]) -> None:
    code, told, problem = shell.run(*arguments)
    assert (code, problem) == (0, "")
    assert set(re.findall(r"^  (\w+)  ", told.partition("Commands:")[2], re.MULTILINE)) == SUBCOMMANDS


@pytest.mark.parametrize("subcommand", ["", *sorted(SUBCOMMANDS)])
def test_help_has_examples_of_what_can_be_typed(shell: Shell, subcommand: str) -> None:
    _, told, _ = shell.run(*subcommand.split(), "--help")
    examples = re.findall(r"^ +(?:[A-Z_]+=\w+ )?shirase (\w+)(.*)", told.partition("Examples:")[2], re.MULTILINE)
    assert examples
    assert {name for name, _ in examples} <= ({subcommand} if subcommand else SUBCOMMANDS)
    for name, rest in examples:
        _, described, _ = shell.run(name, "--help")
        assert all(option in described for option in re.findall(r"--[a-z]+", rest))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["rediget"], "No such command 'rediget'"),
        (["--vrebose"], "No such option: --vrebose"),
        (["demo", "--onc"], "No such option: --onc"),
        (["demo", "now"], "unexpected extra argument"),
        (["replay", "--stack"], "Option '--stack' requires an argument"),
        (["replay", "missing.json"], "missing.json: can't be read (No such file or directory); name an event file"),
        (["replay", "pyproject.toml/x.json"], "can't be read (Not a directory); name an event file"),
        (["replay", "x" * 300], "can't be read (File name too long); name an event file"),
        (["replay", "handlers"], "handlers: is a folder without *.json; name an event file"),
        (["replay", "--stack", "a"], "Which events is a to post to its channel? Name files (EVENT=…), or say --all"),
        (["replay", "x.json", "--all"], "give one of the two"),
        (["digest", "--stack", "a", "--account"], "give one of the two"),
        (["redrive"], "Whose dead letters? Name the stack"),
        (["redrive", "--stack", " "], "Whose dead letters? Name the stack"),
        (["redrive", "--stack", "a", "--reason", "b", "--all"], "give one of the two"),
        (["redrive", "--stack", "a", "--delete"], "Delete which? Give --reason"),
        (["redrive", "--stack", "a", "--letter", "1", "--all"], "--letter (LETTER=…) means one letter"),
        (["forget", "--stack", "a"], "Missing argument 'TEXT'"),
        (["forget", "alice"], "Where? Name the stack"),
        (["forget", "--stack", "a", "--", ""], "Who is to be forgotten?"),
        (["forget", "--stack", "a", " -\n"], "Who is to be forgotten?"),
        (["forget", "--stack", "a", "Forgotten"], "is what shirase writes in the place"),
    ],
)
def test_wrong_input_is_told_in_one_sentence(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, arguments: list[str], problem: str
) -> None:
    monkeypatch.chdir(ROOT)
    code, told, told_problem = shell.run(*arguments)
    assert (code, told) == (2, "")
    assert problem in told_problem
    assert re.fullmatch(r"✗ .+\n", told_problem)


@pytest.mark.parametrize(
    "arguments", [["demo"], ["replay"], ["replay", "event.json"], ["digest"], ["replay", "--stack", "a", "--all"]]
)
def test_outside_of_a_clone_a_command_that_needs_one_says_so(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    monkeypatch.setattr(root, "ROOT", tmp_path)
    code, _, problem = shell.run(*arguments)
    assert code == 2
    assert problem.startswith(f"✗ {tmp_path} is not in a clone of shirase")


@pytest.mark.parametrize(
    ("raised", "code", "problem"),
    [(KeyboardInterrupt(), 130, "\nStopped.\n"), (CommandError("The queue is gone."), 1, "✗ The queue is gone.\n")],
)
def test_an_end_before_time_is_told_without_a_traceback(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int, problem: str
) -> None:
    def run_digest(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr("local.digest.run_digest", run_digest)
    assert shell.run("digest") == (code, "", problem)


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; from local import cli; cli.main(); print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", code, "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Usage: shirase" in done.stdout
    assert {name.partition(".")[0] for name in done.stderr.split()} & HEAVY == set()
