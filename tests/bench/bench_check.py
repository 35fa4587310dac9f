"""`shirase check` beside its engines by themselves, on the same templates: what is right, false and missed; and what a
template of 500 resources takes of time and memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from local.check.acceptance import accepted
from local.check.controls import Control, controls
from local.check.decide import predict
from local.check.engines import install_engines
from local.check.guard import guard
from local.check.inputs import load_all
from local.check.nag import nag
from local.check.said import Verdicts
from local.check.template import Resource, Template
from local.template_file import read_source
from tests.bench.measuring import hold, show

SAMPLES = Path(__file__).parents[1] / "check_samples"
PROGRAM = "import sys; from local.cli import main; sys.exit(main())"
RESOURCES = 500
MOST_SECONDS = 15.0
MOST_MEBIBYTES = 512.0
TODAY = date(2026, 11, 26)

Found = set[tuple[str, str, str]]  # sample, resource, control
Ask = Callable[[Sequence[Template], Sequence[str]], list[Verdicts]]


def main() -> None:
    install_engines()
    _accuracy()
    _speed()


# ---- right, false, missed


def _accuracy() -> None:
    expected = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    names = [name for name in expected if not name.startswith("_")]
    asked = [control for control in controls() if "fsbp" in control.standards and control.is_checked]
    ids = {control.id for control in asked}
    wanted = {one for name in names for one in _pairs(name, expected[name]["violations"]) if one[2] in ids}
    passed_over = {one for name in names for one in _pairs(name, expected[name].get("accepted", {}))}
    found = {
        "shirase check": _ours(names, asked),
        "cfn-guard by itself": _alone("guard", guard, names, asked),
        "cdk-nag by itself": _alone("nag", nag, names, asked),
    }
    rows = []
    for who, said in found.items():
        counted = said - passed_over
        rows.append([who, *map(str, (len(counted & wanted), len(counted - wanted), len(wanted - counted)))])
    show(f"{len(wanted)} violations of {len(names)} samples", ["", "right", "false", "missed"], rows)
    ours = found["shirase check"] - passed_over
    hold({"what is false or missed": (1.0 + len(ours ^ wanted), 1.0)})


def _pairs(name: str, by_resource: Mapping[str, Iterable[str]]) -> Found:
    return {(name, resource, id_) for resource, ids in by_resource.items() for id_ in ids}


def _ours(names: Sequence[str], asked: Sequence[Control]) -> Found:
    found: Found = set()
    loaded = {name: load_all([str(SAMPLES / name)], {}, TODAY).templates for name in names}
    for one in predict([template for several in loaded.values() for template in several], asked):
        (name,) = [name for name, several in loaded.items() if any(one.template is each for each in several)]
        if one.is_certain and not accepted(one.control, one.resource, TODAY):
            found.add((name, one.resource.name, one.control.id))
    return found


def _alone(engine: str, ask: Ask, names: Sequence[str], asked: Sequence[Control]) -> Found:
    """What an engine says of the templates as they are written, by the controls that its rules are said to be about."""
    claims = {claim: control.id for control in asked for claim in control.claimed_by if claim.startswith(engine)}
    rules = sorted({claim.partition(":")[2] for claim in claims})
    raw = [(name, template) for name in names for template in _as_written(name)]
    found: Found = set()
    for (name, template), verdicts in zip(raw, ask([template for _, template in raw], rules), strict=True):
        for (logical_id, rule), said in verdicts.items():
            if said.is_violated.truth and logical_id in template.by_id:
                found.add((name, template.by_id[logical_id].name, claims[f"{engine}:{rule}"]))
    return found


def _as_written(name: str) -> list[Template]:
    file = SAMPLES / name
    files = sorted(file.rglob("*.template.json")) if file.is_dir() else [file]
    return [_raw(one) for one in files]


def _raw(file: Path) -> Template:
    resources = read_source(file, file.name).content["Resources"]
    return Template(
        file=file.name,
        resources=tuple(
            Resource(
                logical_id=logical_id,
                type=one["Type"],
                properties=one.get("Properties") or {},
                path=(one.get("Metadata") or {}).get("aws:cdk:path"),
            )
            for logical_id, one in resources.items()
        ),
    )


# ---- seconds and memory


def _speed() -> None:
    with TemporaryDirectory() as folder:
        large = Path(folder) / "large.yaml"
        large.write_text(_template(RESOURCES), encoding="utf-8")
        small = [Path(folder) / f"small{number}.yaml" for number in range(10)]
        for file in small:
            file.write_text(_template(5), encoding="utf-8")
        measured = {
            f"{RESOURCES} resources": _measure([large]),
            "5 resources": _measure(small[:1]),
            "ten times 5 resources": _measure(small),
        }
    rows = [[what, f"{seconds:.1f}", f"{mebibytes:,.0f}"] for what, (seconds, mebibytes) in measured.items()]
    show("The command, with its engines", ["", "seconds", "MB at most, all processes"], rows)
    seconds, mebibytes = measured[f"{RESOURCES} resources"]
    hold(
        {
            f"seconds of {MOST_SECONDS:.0f}": (seconds / MOST_SECONDS, 1.0),
            f"MB of {MOST_MEBIBYTES:.0f}": (mebibytes / MOST_MEBIBYTES, 1.0),
            "ten templates, of one's time": (measured["ten times 5 resources"][0] / measured["5 resources"][0], 3.0),
        }
    )


def _template(count: int) -> str:
    kinds = [
        {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": {"Ref": "Status"}}}},
        {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": {"Fn::ImportValue": "key"}}},
        {"Type": "AWS::RDS::DBInstance", "Properties": {"Engine": "postgres", "MultiAZ": {"Ref": "Flag"}}},
        {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "x", "SecurityGroupIngress": []}},
        {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Fn::ImportValue": "vpc"}, "CidrBlock": "10.0.0.0/24"}},
    ]
    resources = {f"Resource{number}": kinds[number % len(kinds)] for number in range(count)}
    parameters = {"Flag": {"Type": "String", "AllowedValues": ["true", "false"]}, "Status": {"Type": "String"}}
    return yaml.safe_dump({"Parameters": parameters, "Resources": resources}, sort_keys=False)


def _measure(files: Sequence[Path]) -> tuple[float, float]:
    """Seconds, and the most memory that the command's processes held together."""
    command = [sys.executable, "-c", PROGRAM, "check", "--format", "json", *map(str, files)]
    began = time.monotonic()
    most = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, _mebibytes(process.pid))
            time.sleep(0.05)
    if process.returncode not in {0, 1}:
        raise RuntimeError(f"the check ended with {process.returncode}")
    return time.monotonic() - began, most


def _mebibytes(pid: int) -> float:
    """The memory of a process and those it started, what they share once ("proc_pid_smaps", Pss)."""
    total = 0.0
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
        total = float(rollup.partition("\nPss:")[2].split()[0]) / 1024
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    except (OSError, IndexError):
        return total
    return total + sum(_mebibytes(int(child)) for child in children)


if __name__ == "__main__":
    os.environ.setdefault("MESSAGE_LANGUAGE", "en")
    main()
