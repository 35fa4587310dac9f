"""What is named on the command line: templates, folders, globs, cloud assemblies; and what is wrong with them."""

import json
import shutil
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from local.check.inputs import Loaded, load_all

SAMPLES = Path(__file__).parents[1] / "check_samples"
TODAY = date(2026, 11, 26)
BUCKET = "Resources:\n  A:\n    Type: AWS::S3::Bucket\n"


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(*paths: str, **parameters: str) -> Loaded:
    return load_all(paths, parameters, TODAY)


def write(name: str, text: str | bytes = BUCKET) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def assembly(folder: str, artifacts: dict[str, Any]) -> str:
    write(f"{folder}/manifest.json", json.dumps({"version": "48.0.0", "artifacts": artifacts}))
    return folder


def stack(file: str, environment: str = "aws://unknown-account/unknown-region", **more: Any) -> dict[str, Any]:
    kind = "aws:cloudformation:stack"
    return {"type": kind, "environment": environment, "properties": {"templateFile": file}, **more}


def test_folders_and_globs_give_their_templates_and_nothing_else() -> None:
    for name in ("a/one.yaml", "a/b/two.json", "a/node_modules/three.yaml", "a/.git/four.yaml"):
        write(name, '{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}')
    write("a/other.yaml", "name: no template\n")
    write("a/readme.md", BUCKET)
    assert [one.file for one in load("a").templates] == ["a/b/two.json", "a/one.yaml"]
    assert [one.file for one in load("a/*.json", "a/**/*.json").templates] == ["a/b/two.json"]
    assert load("a").problems == []


def test_what_is_named_twice_is_checked_once() -> None:
    write("a/one.yaml")
    assert len(load("a/one.yaml", "a", "a/../a/one.yaml").templates) == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.yaml", "Resources:\n  A: [\n", "x.yaml, line 3: "),
        ("x.yaml", "Resources:\n  A:\n\tType: x\n", "x.yaml, line 3: "),
        ("x.json", '{"Resources": {"A": }}', "x.json, line 1: "),
        ("x.json", '{\n\t"Resources": {\n\t"A": }}', "x.json, line 3: "),
        ("x.yaml", "Resources:\n  A: {Type: a}\n  A: {Type: b}\n", "x.yaml, line 3: A stands there twice"),
        ("x.yaml", "", "x.yaml is empty"),
        ("x.yaml", "text", "x.yaml is no CloudFormation template: it has no Resources"),
        ("x.yaml", "Resources: {}", "x.yaml is no CloudFormation template: it has no Resources"),
        ("x.yaml", "Resources: [1]", "x.yaml is no CloudFormation template: it has no Resources"),
        ("x.yaml", "Resources:\n  A:\n    Properties: {}\n", "x.yaml, line 2: A has no Type"),
        ("x.yaml", "Resources:\n  A: text\n", "x.yaml, line 2: A has no Type"),
        (
            "x.yaml",
            "Resources:\n\n  A:\n    Type: AWS::S3::Buckett\n",
            "x.yaml, line 3: A is of the type AWS::S3::Buckett, which CloudFormation doesn't have",
        ),
        ("x.yaml", f"Transform: Ours\n{BUCKET}", "x.yaml: the transform Ours is unknown here"),
        ("x.yaml", f"Transform: [{{Name: Ours}}]\n{BUCKET}", "x.yaml: it is transformed by a macro with parameters"),
        (
            "x.yaml",
            "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Each: [X, [a], {A: {Type: b}}]\n",
            "x.yaml: it uses Fn::ForEach",
        ),
        (
            "x.yaml",
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Function}\n",
            "x.yaml: SAM's transform refuses it: ",
        ),
        ("x.yaml", f"Parameters: [1]\n{BUCKET}", "x.yaml: Parameters is no mapping"),
        ("x.yaml", BUCKET.encode("utf-16"), "x.yaml is not in UTF-8; save it so"),
        ("x.yaml", b"\xff\xfe\x00", "x.yaml is not in UTF-8; save it so"),
        ("x.yaml", b"Resources:\n  A: \x00\n", "x.yaml can't be read as YAML or JSON: "),
        ("x.yaml", "a: &a " + "[" * 300 + "]" * 300, "x.yaml is too large, or nested too deeply"),
        ("x.yaml", f"{BUCKET}    Properties: {{Tags: !!set {{a}}}}\n", "x.yaml, line 4: CloudFormation takes no !!set"),
        ("x.yaml", f"{BUCKET}    Properties: {{Tags: !!bool a}}\n", "x.yaml can't be read as YAML or JSON: "),
        ("x.yaml", f"{BUCKET}    Properties: [a]\n", "x.yaml, line 2: A: Properties is no mapping"),
        ("x.json", '{\n\t"Resources": {\n\t"A": 1,\n\t"A": 2}}', "x.json, line 4: A stands there twice"),
        ("x.yaml", "Resources:\n  A:\n    Type: Bucket\n", "x.yaml, line 2: A is of the type Bucket, which"),
        ("x.yaml", "Resources:\n  A:\n    Type: aws::s3::bucket\n", "x.yaml, line 2: A is of the type aws::s3::bucket"),
        ("x.yaml", f"Fn::Transform: {{Name: A}}\n{BUCKET}", "x.yaml: it is transformed by a macro with parameters"),
        ("x.yaml", "Resources:\n  Fn::Transform: {Name: A}\n", "x.yaml: it is transformed by a macro with parameters"),
        ("x.yaml", "Resources:\n  Fn::ForEach::Each: [X, [a], {A: {Type: b}}]\n", "x.yaml: it uses Fn::ForEach"),
        (
            "x.yaml",
            "Conditions:\n  C0: !Equals [a, a]\n"
            + "".join(f"  C{n}: !Not [!Condition C{n - 1}]\n" for n in range(1, 2000))
            + f"{BUCKET}    Condition: C1999\n",
            "x.yaml, line 2003: A: it is nested too deeply",
        ),
        ("x.yaml", "Resources: !!python/object/apply:os.system [ls]", "x.yaml, line 1: could not determine"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence_and_the_others_are_checked(
    name: str, content: str | bytes, said: str
) -> None:
    write(name, content)
    found = load(name, write("good.yaml"))
    (problem,) = found.problems
    assert problem.startswith(said)
    assert "\n" not in problem
    assert [one.file for one in found.templates] == ["good.yaml"]


def test_json_is_read_with_tabs_and_escaped_characters_and_keeps_its_lines() -> None:
    tag = '{"Key": "a\\ud83d\\ude00", "Value": "\\\\ud83d\\\\ude00"}'
    write(
        "x.json",
        f'{{\n\t"Resources": {{\n\t\t"A": {{"Type": "AWS::S3::Bucket", "Properties": {{"Tags": [{tag}]}}}}}}}}',
    )
    (resource,) = load("x.json").templates[0].resources
    assert resource.line == 3
    assert resource.properties["Tags"] == [{"Key": "a\N{GRINNING FACE}", "Value": "\\ud83d\\ude00"}]


def test_what_is_merged_gives_way_to_what_stands_there() -> None:
    head = "Same: &same {BucketName: a, ObjectLockEnabled: true}\nMore: &more {BucketName: b}\n"
    write("x.yaml", f"{head}{BUCKET}    Properties:\n      <<: [*same, *more]\n      BucketName: =\n")
    (resource,) = load("x.yaml").templates[0].resources
    assert resource.properties == {"BucketName": "=", "ObjectLockEnabled": True}


def test_no_number_is_one_that_json_does_not_have() -> None:
    write("x.yaml", f"{BUCKET}    Properties: {{BucketName: .nan, Tags: [.inf, 1.5]}}\n")
    assert load("x.yaml").templates[0].resources[0].properties == {"BucketName": ".nan", "Tags": [".inf", 1.5]}


def test_what_sam_has_to_say_stands_nowhere_but_in_the_problem(capfd: pytest.CaptureFixture[str]) -> None:
    write("x.yaml", "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Function}\n")
    assert len(load("x.yaml").problems) == 1
    assert capfd.readouterr().err == ""


def test_what_is_no_file_is_told_and_keeps_nothing_else_from_being_checked() -> None:
    for name, target in {"loop.yaml": "loop.yaml", "dangling.yaml": "nothing", "device.yaml": "/dev/zero"}.items():
        Path(name).symlink_to(target)
    found = load("loop.yaml", "dangling.yaml", "device.yaml", "x" * 5000, "a\0b", write("good.yaml"))
    assert found.problems == [
        "there is no loop.yaml",
        "there is no dangling.yaml",
        "device.yaml is too large: CloudFormation takes no template of more than 1 MB",
        f"{'x' * 199}… can't be read: File name too long",
        "there is no a\0b",
    ]
    assert [one.file for one in found.templates] == ["good.yaml"]


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "\ud800", "sub"])
def test_an_assembly_that_names_no_file_has_its_other_templates_checked(name: str) -> None:
    Path("cdk.out/sub").mkdir(parents=True)
    write("cdk.out/t.json", json.dumps({"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}))
    found = load(assembly("cdk.out", {"S": stack(name), "T": stack("t.json")}))
    assert [one.file for one in found.templates] == ["cdk.out/t.json"]
    assert len(found.problems) == 1


@pytest.mark.parametrize("address", ["a\0b", "x" * 5000])
def test_a_nested_stack_whose_address_is_no_path_lies_elsewhere(address: str) -> None:
    (problem,) = load(write("outer.json", nested(address, {"aws:asset:path": address}))).problems
    assert "lies elsewhere" in problem


def test_an_assembly_within_itself_is_told() -> None:
    inner = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}
    write("cdk.out/t.json", json.dumps({"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}))
    found = load(assembly("cdk.out", {"N": inner, "S": stack("t.json")}))
    assert found.problems == ["cdk.out/manifest.json: the assembly is a part of itself; run cdk synth again"]
    assert len(found.templates) == 1


def test_what_would_fill_the_memory_is_refused_within_seconds() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    write("bomb.yaml", f"{bomb}{BUCKET}")
    with Path("large.yaml").open("wb") as file:
        file.truncate(50_000_000)
    began = time.process_time()
    first, second = load("bomb.yaml", "large.yaml").problems
    assert first == "bomb.yaml is too large, or nested too deeply, once its aliases are followed"
    assert second == "large.yaml is too large: CloudFormation takes no template of more than 1 MB"
    assert time.process_time() - began < 10


def test_what_is_not_there_is_told() -> None:
    Path("empty").mkdir()
    assembly("cdk.out", {})
    assert load("no.yaml", "no/*.yaml", "empty", "cdk.out").problems == [
        "there is no no.yaml",
        "there is no no/*.yaml",
        "empty holds no template",
        "cdk.out holds no template",
    ]


@pytest.mark.parametrize("content", ["{", "[]", "text"])
def test_a_manifest_that_cannot_be_read_is_told(content: str) -> None:
    write("cdk.out/manifest.json", content)
    (problem,) = load("cdk.out").problems
    assert problem.startswith("cdk.out/manifest.json ")


@pytest.mark.parametrize("name", ["../x.yaml", "/etc/hostname", "", "link/x.yaml"])
def test_nothing_outside_of_an_assembly_is_read(name: str, tmp_path: Path) -> None:
    write("x.yaml")
    assembly("cdk.out", {"S": stack(name), "T": stack("t.json")})
    write("cdk.out/t.json", json.dumps({"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}))
    Path("cdk.out/link").symlink_to(tmp_path)
    found = load("cdk.out")
    assert found.problems == ["cdk.out/manifest.json: S names no file of the assembly"]
    assert [one.file for one in found.templates] == ["cdk.out/t.json"]


def test_an_assembly_tells_accounts_regions_and_construct_paths() -> None:
    shutil.copytree(SAMPLES / "cdk.out", "cdk.out")
    by_file = {Path(one.file).name: one for one in load("cdk.out").templates}
    first, second = by_file["ExportStack.template.json"], by_file["ProdQueueStack.template.json"]
    assert (first.account_id, first.region) == ("111122223333", "ap-northeast-1")
    assert (second.account_id, second.region) == ("444455556666", "us-east-1")
    assert {one.name for one in first.resources} >= {"ExportStack/Bucket/Resource", "ExportStack/Secret/Resource"}
    assert {one.file for one in load("cdk.out/manifest.json").templates} == {one.file for one in by_file.values()}


def test_an_assemblys_metadata_file_tells_paths_and_what_is_acknowledged_for_a_construct_and_all_within_it() -> None:
    resources = {"B08": {"Type": "AWS::S3::Bucket"}, "C09": {"Type": "AWS::S3::Bucket"}}
    write("cdk.out/S.template.json", json.dumps({"Resources": resources}))
    acknowledged = {"type": "aws:cdk:acknowledged-rules", "data": {"Annotation::AwsSolutions-S1": "a log bucket"}}
    metadata = {
        "/S/B": [acknowledged],
        "/S/B/Resource": [{"type": "aws:cdk:logicalId", "data": "B08"}],
        "/S/BC/Resource": [{"type": "aws:cdk:logicalId", "data": "C09"}],
    }
    write("cdk.out/S.metadata.json", json.dumps(metadata))
    assembly("cdk.out", {"S": stack("S.template.json", additionalMetadataFile="S.metadata.json")})
    (template,) = load("cdk.out").templates
    assert {one.name: one.acknowledged for one in template.resources} == {
        "S/B/Resource": {"AwsSolutions-S1": "a log bucket"},
        "S/BC/Resource": {},
    }
    assert (template.account_id, template.region) == (None, None)


def nested(address: str, metadata: dict[str, Any] | None = None) -> str:
    resource = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": address},
        "Metadata": metadata or {},
    }
    return json.dumps({"Resources": {"Inner": resource}})


def test_the_nested_stacks_of_an_assembly_are_checked_at_any_depth() -> None:
    write("cdk.out/S.template.json", nested("https://s3/x", {"aws:asset:path": "one.nested.template.json"}))
    write("cdk.out/one.nested.template.json", nested("https://s3/y", {"aws:asset:path": "two.nested.template.json"}))
    write("cdk.out/two.nested.template.json", json.dumps({"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}))
    assembly("cdk.out", {"S": stack("S.template.json", "aws://111122223333/eu-west-1")})
    found = load("cdk.out")
    assert found.problems == []
    assert [Path(one.file).name for one in found.templates] == [
        "S.template.json",
        "one.nested.template.json",
        "two.nested.template.json",
    ]
    assert {one.account_id for one in found.templates} == {"111122223333"}


def test_a_nested_stack_whose_template_lies_elsewhere_is_told_unless_somebody_accepts_that() -> None:
    write("outer.json", nested("https://bucket.s3.amazonaws.com/inner.yaml"))
    (problem,) = load("outer.json").problems
    assert problem.startswith(
        "outer.json, line 1: the template of the nested stack Inner lies elsewhere and is not checked"
    )
    until = {
        "shirase": {"accepted": [{"control": "*", "reason": "checked in its own pipeline", "until": "2026-12-31"}]}
    }
    write("outer.json", nested("https://bucket.s3.amazonaws.com/inner.yaml", until))
    assert load("outer.json").problems == []
    assert load_all(["outer.json"], {}, date(2027, 1, 1)).problems != []


def test_a_module_is_told_unless_somebody_accepts_that() -> None:
    module = {"Type": "Company::S3::Bucket::MODULE"}
    (problem,) = load(write("x.json", json.dumps({"Resources": {"Made": module}}))).problems
    assert problem.startswith("x.json, line 1: what the module Made is made of lies in the registry")
    accepted = {"shirase": {"accepted": [{"control": "*", "reason": "checked there", "until": "2026-12-31"}]}}
    assert load(write("y.json", json.dumps({"Resources": {"Made": {**module, "Metadata": accepted}}}))).problems == []


def test_a_nested_stack_is_checked_where_its_file_is_named_too() -> None:
    write("outer.json", nested("./inner.yaml"))
    assert "lies elsewhere" in load("outer.json").problems[0]
    inner = write("inner.yaml")
    assert load("outer.json").problems == [
        "outer.json, line 1: the template of the nested stack Inner is not checked: name inner.yaml, too"
    ]
    assert load("outer.json", inner).problems == []


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        (
            {"TemplateURL": "https://bucket.s3.amazonaws.com/all.yaml"},
            "the template of the stack set All lies elsewhere",
        ),
        ({"TemplateURL": {"Fn::Sub": "https://${AWS::Region}/x"}}, "the template of the stack set All lies elsewhere"),
        ({"TemplateBody": BUCKET}, "the stack set All carries its template within it"),
    ],
)
def test_a_stack_set_is_told_of_for_what_it_deploys_is_not_checked(properties: dict[str, Any], told: str) -> None:
    def deployed(metadata: dict[str, Any]) -> list[str]:
        set_ = {"Type": "AWS::CloudFormation::StackSet", "Properties": properties, "Metadata": metadata}
        write("sets.json", json.dumps({"Resources": {"All": set_}}))
        return load("sets.json").problems

    (problem,) = deployed({})
    assert problem.startswith(f"sets.json, line 1: {told}")
    assert deployed({"shirase": {"accepted": [{"control": "*", "reason": "x", "until": "2026-12-31"}]}}) == []


def test_a_stack_set_is_checked_where_its_file_is_named_too() -> None:
    write("sets.json", nested("./inner.yaml").replace("Formation::Stack", "Formation::StackSet"))
    assert load("sets.json", write("inner.yaml")).problems == []


def test_a_parameter_that_may_not_be_so_is_told() -> None:
    write("x.yaml", f"Parameters: {{P: {{Type: String, AllowedValues: [a, b]}}}}\n{BUCKET}")
    assert load("x.yaml", P="c").problems == ["x.yaml: the parameter P is c, and may be: a, b"]
    assert load("x.yaml", P="a", Another="x").problems == []


def test_an_application_of_the_repository_is_looked_up_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    import botocore.client

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("AWS was asked")

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", refuse)
    write(
        "app.yaml",
        """
Transform: AWS::Serverless-2016-10-31
Resources:
  App:
    Type: AWS::Serverless::Application
    Properties:
      Location: {ApplicationId: "arn:aws:serverlessrepo:us-east-1:012345678901:applications/x", SemanticVersion: 1.0.0}
""",
    )
    (problem,) = load("app.yaml").problems
    assert "the template of the nested stack App lies elsewhere" in problem
