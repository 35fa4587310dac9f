"""A fresh clone, as someone meets it who has SAM CLI but no .venv yet."""

import os
import shutil
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from local.root import ROOT
from local.step import NO_NETWORK

SAM = Path(sys.executable).with_name("sam")
PYTHON = Path(sys.base_prefix) / "bin" / "python3"  # this one, but outside .venv
# What `make PYTHON=python3.11 test` hands on to all that it starts.
OF_MAKE_TEST = {"PYTHON", "MAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "MFLAGS"}

Result = subprocess.CompletedProcess[str]


class Clone:
    """An export of HEAD. What runs in it finds only these programs on PATH, among them a Python with pip, no Docker."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.programs = programs

    def run(self, *command: str, **environment: str) -> Result:
        own = {
            "PATH": str(self.programs),
            "SAM_CLI_TELEMETRY": "0",
            "AWS_DEFAULT_REGION": "ap-northeast-1",
            "DOCKER_HOST": f"unix://{self.folder}/none",
        }
        inherited = {name: value for name, value in os.environ.items() if name not in OF_MAKE_TEST}
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**inherited, **own, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def sam(self, *arguments: str) -> Result:
        return self.run(str(SAM), *arguments)

    def make(self, *arguments: str, **environment: str) -> Result:
        return self.run("make", *arguments, **environment)

    def replace_python(self, script: str) -> None:
        program = self.programs / "python3"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)

    def files(self) -> set[Path]:
        return set(self.folder.rglob("*"))


@pytest.fixture
def clone(tmp_path: Path, tools: Path) -> Clone:
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(tmp_path / "clone", filter="data")
    programs = tmp_path / "programs"
    shutil.copytree(tools, programs, symlinks=True)
    clone = Clone(tmp_path / "clone", programs)
    clone.replace_python(f'exec "{sys.executable}" "$@"')
    return clone


def test_plain_sam_build_makes_what_ships(clone: Clone) -> None:
    result = clone.sam("build", "AlertFunction")  # one rule of the Makefile builds them all
    assert result.returncode == 0, result.stderr
    # Bytecode takes a third off a cold start.
    bytecode_expected = bool(clone.make("--silent", "lambda-python").stdout.strip())
    artifact = clone.folder / ".aws-sam" / "build" / "AlertFunction"
    shipped = {path.name for path in artifact.iterdir()} - {"__pycache__"}
    assert shipped >= {"handlers", "shared", "slack_sdk", "aws_lambda_powertools"}
    assert shipped.isdisjoint({"local", "tests", "boto3", "bin"})
    assert (artifact / "handlers" / "__pycache__").is_dir() == bytecode_expected


def test_in_a_container_the_build_uses_its_python_and_writes_nothing_into_the_source(clone: Clone) -> None:
    """Where Lambda's Python isn't at hand, it ships no bytecode."""
    venv = clone.folder / ".venv" / "bin"
    venv.mkdir(parents=True)
    (venv / "python").symlink_to("/the/hosts/own/python3.11")
    before = clone.files()
    artifact = clone.folder.parent / "artifact"
    artifact.mkdir()
    result = clone.make("build-AlertFunction", "LAMBDA_PYTHON_VERSION=3.99", ARTIFACTS_DIR=str(artifact))
    assert result.returncode == 0, result.stderr
    assert (artifact / "slack_sdk" / "__init__.py").is_file()
    assert list(artifact.rglob("__pycache__")) == []
    assert clone.files() == before


@pytest.mark.parametrize(
    "arguments",
    [("build", "--use-container"), ("local", "invoke", "AlertFunction", "-e", "events/s3_bucket_public.json")],
)
def test_sam_asks_for_nothing_but_docker(clone: Clone, arguments: tuple[str, ...]) -> None:
    result = clone.sam(*arguments)
    [error] = [line for line in result.stderr.splitlines() if line.startswith("Error")]
    assert "requires a container runtime" in error


def test_a_build_without_pip_says_what_to_install(clone: Clone) -> None:
    clone.replace_python("exit 1")
    result = clone.make("build-AlertFunction", ARTIFACTS_DIR=str(clone.folder.parent))
    assert result.returncode == 2
    assert "There is no Python with pip on PATH: install one" in result.stderr


def test_setup_with_an_older_python_says_which_it_needs(clone: Clone) -> None:
    clone.replace_python("exit 1")
    result = clone.make("setup")
    assert (result.returncode, result.stdout) == (2, "")
    said, _ = result.stderr.splitlines()  # make's own line follows
    assert said.startswith("shirase needs Python 3.11 or newer, and python3 is not")


def test_setup_without_network_says_so_and_can_be_repeated(clone: Clone) -> None:
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "PIP_RETRIES": "0", "PIP_CACHE_DIR": str(clone.folder / "cache")}
    for _ in range(2):
        result = clone.make("setup", f"PYTHON={PYTHON}", **nowhere)
        assert result.returncode == 2
        said, _ = result.stderr.splitlines()  # make's own line follows
        assert said == NO_NETWORK
        assert not (clone.folder / ".venv" / ".installed").exists()
