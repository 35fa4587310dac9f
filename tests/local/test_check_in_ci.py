"""The check where nobody sits at a terminal: GitHub's action, run step by step as its runner would, and pre-commit."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.check.engines import install_engines
from tests.book import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
OPEN = """
Parameters: {Block: {Type: String, Default: "true"}}
Resources:
  Open:
    Type: AWS::S3::Bucket
    Properties: {PublicAccessBlockConfiguration: {BlockPublicAcls: !Ref Block}}
"""


class Runner:
    """Runs the steps of the action that are shell, in a folder, as GitHub's runner does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output, self.summary = folder / "output", folder / "summary.md"

    def run(self, id_: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        given = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()} | inputs
        step = next(step for step in STEPS if step.get("id") == id_)
        variables = {
            name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given[found[1]], value)
            for name, value in step.get("env", {}).items()
        }
        self.output.write_text("", encoding="utf-8")
        script = self.folder / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.folder,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(self.folder),
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_OUTPUT": str(self.output),
                "GITHUB_STEP_SUMMARY": str(self.summary),
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    install_engines()
    (tmp_path / "template.yaml").write_text(OPEN, encoding="utf-8")
    return Runner(tmp_path)


def test_the_action_fails_on_a_violation_and_leaves_sarif_and_a_summary(runner: Runner) -> None:
    done = runner.run("check", controls="S3.8", parameters="Block=false\n")
    assert done.returncode == 1, done.stderr
    assert "HIGH      S3.8" in done.stdout
    assert runner.output.read_text(encoding="utf-8") == "sarif=shirase.sarif\n"
    (run,) = json.loads((runner.folder / "shirase.sarif").read_text(encoding="utf-8"))["runs"]
    (found,) = run["results"]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "template.yaml"
    assert "**1 violation (1 HIGH)" in runner.summary.read_text(encoding="utf-8")


def test_inputs_stay_inputs(runner: Runner) -> None:
    hostile = "$(touch hacked)\n--help\n`touch hacked`; touch hacked\n"
    done = runner.run("check", controls="S3.8", paths=hostile, **{"fail-on": "MEDIUM"})
    assert done.returncode == 2
    assert done.stdout.count("✗ there is no ") == 3
    assert not (runner.folder / "hacked").exists()
    refused = runner.run("check", controls="--help")
    assert refused.returncode == 2
    assert runner.output.read_text(encoding="utf-8") == ""


def test_no_step_is_put_together_from_inputs() -> None:
    assert not [step["run"] for step in STEPS if "${{" in step.get("run", "")]


def test_the_engines_are_kept_by_their_lock_file(runner: Runner) -> None:
    assert runner.run("engines").returncode == 0
    told = dict(line.split("=", 1) for line in runner.output.read_text(encoding="utf-8").splitlines())
    assert re.fullmatch("[0-9a-f]{40}", told["hash"])
    assert (Path(told["folder"]) / "package-lock.json").is_file()


def test_actions_are_pinned_by_their_major_version() -> None:
    assert [step["uses"] for step in STEPS if "uses" in step] == ["actions/setup-python@v6", "actions/cache@v5"]


@pytest.mark.parametrize(
    ("path", "is_taken"),
    [
        ("template.yaml", True),
        ("infra/template.yml", True),
        ("cdk.out/Orders.template.json", True),
        ("old/vpc.template", True),
        ("my-template.yaml", False),
        ("template.yaml.md", False),
    ],
)
def test_the_hook_takes_what_is_called_a_template(path: str, is_taken: bool) -> None:
    (hook,) = HOOKS
    assert bool(re.search(hook["files"], path)) is is_taken
    assert (hook["entry"], hook["language"]) == ("shirase check", "python")
