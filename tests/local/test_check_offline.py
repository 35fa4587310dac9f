"""After the first use the check needs no network: it runs where there is none at all."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.check.engines import install_engines
from tests.skipped import NETWORK_NAMESPACES

# unshare(1): a network namespace of its own, which has no interface that is up. Whoever isn't root needs a namespace of
# users for that, which some machines forbid.
WITHOUT_NETWORK = ("unshare", "--map-root-user", "--net")
# A control each of cdk-nag, of cfn-guard and of our own rules, and SAM's transform, which may ask AWS for policies.
ASKED = "EC2.15,EFS.4,Lambda.2"
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Old:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.8
      Handler: app.handler
      CodeUri: s3://bucket/key
      Policies: [AmazonSNSReadOnlyAccess, {SQSPollerPolicy: {QueueName: queue}}]
  Open: {Type: "AWS::EC2::Subnet", Properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24, MapPublicIpOnLaunch: true}}
  Anybodys: {Type: "AWS::EFS::AccessPoint", Properties: {FileSystemId: fs-1}}
"""


def without_network(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*WITHOUT_NETWORK, *command], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode and "unshare" in done.stderr and not os.environ.get("CI"):
        pytest.skip(f"{NETWORK_NAMESPACES} are forbidden here: {done.stderr.strip()}")
    return done


def test_the_check_needs_no_network_once_its_engines_are_installed(tmp_path: Path) -> None:
    if not shutil.which(WITHOUT_NETWORK[0]) and not os.environ.get("CI"):
        pytest.skip(f"there are no {NETWORK_NAMESPACES} here")
    install_engines()
    assert without_network("cat", "/proc/net/route", folder=tmp_path).stdout.count("\n") <= 1  # its heading
    (tmp_path / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    shirase = str(Path(sys.executable).with_name("shirase"))
    done = without_network(shirase, "check", "template.yaml", "--controls", ASKED, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 violations (3 MEDIUM)" in done.stdout
