"""Builds the stack with AWS SAM, and deploys it on a local AWS."""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from local.private import write_private
from local.root import ROOT
from local.stack import child
from local.stack.aws import LocalAws
from local.stack.lookup import describe_stack
from local.stack.stack import Stack, StackError


def build(folder: Path) -> None:
    """Run `sam build` into a folder."""
    _sam("build", "--build-dir", str(folder), environment=child.environment({}, (*child.NAMES, *child.INSTALLER_NAMES)))


def deploy(aws: LocalAws, folder: Path, name: str, parameters: dict[str, str]) -> Stack:
    """Run `sam deploy` of a build on a local AWS and return the stack."""
    with TemporaryDirectory(prefix="shirase-deploy-") as own:
        # Every user of the machine may read a command line, and the stand-in's address holds the secret.
        overrides = Path(own) / "parameters.yaml"
        write_private(overrides, json.dumps(parameters))  # which is YAML, too
        _sam(
            "deploy",
            *("--template-file", str(folder / "template.yaml"), "--stack-name", name),
            *("--parameter-overrides", f"file://{overrides}"),
            *("--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-progressbar"),
            environment=child.environment(aws.environment),
        )
    return describe_stack(name, cache(aws.client))  # making a client takes a tenth of a second


def _sam(*arguments: str, environment: dict[str, str]) -> None:
    folder = Path(sys.executable).parent
    sam = shutil.which("sam", path=str(folder)) or shutil.which("sam")
    if not sam:
        raise StackError("AWS SAM CLI is missing, which builds and deploys the stack: `make setup` installs it")
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    result = subprocess.run(  # noqa: S603 - arguments are ours
        [sam, *arguments],
        cwd=ROOT,
        env={
            **environment,
            "PATH": path,
            "SAM_CLI_TELEMETRY": "0",
            "AWS_DEFAULT_REGION": "ap-northeast-1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise StackError(f"sam {arguments[0]} failed:\n{result.stdout}\n{result.stderr}")
