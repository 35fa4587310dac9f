"""What rules of our own leave undecided, and what they take from other resources of the template."""

from pathlib import Path

import pytest

from local.check.controls import controls
from local.check.decide import predict
from local.check.load import load_template
from local.check.own import OWN_RULES
from local.check.rules.tags import STACK_TAGS
from tests.templates import template_of

HTTPS_ONLY = """
  Policy:
    Type: AWS::S3::BucketPolicy
    {more}
    Properties:
      Bucket: {bucket}
      PolicyDocument:
        Statement:
          - {{ Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {condition} }}
"""
NO_HTTP = '{ Bool: { "aws:SecureTransport": "false" } }'
BUCKET = "Resources:\n  Checked:\n    Type: AWS::S3::Bucket\n"


def _https_only(bucket: str = "!Ref Checked", more: str = "", condition: str = NO_HTTP) -> str:
    return HTTPS_ONLY.format(bucket=bucket, more=more, condition=condition)


def _shared(principal: str) -> str:
    return f"""{BUCKET}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Checked
      PolicyDocument:
        Statement: {{ Effect: Allow, Principal: {{ AWS: {principal} }}, Action: "s3:*", Resource: "*" }}
"""


def _one(kind: str, properties: str) -> str:
    return f"Resources:\n  Checked:\n    Type: AWS::{kind}\n    Properties: {properties}\n"


def _firewall(stage: str) -> str:
    """One for a stage of Api."""
    return (
        "  Firewall:\n    Type: AWS::WAFv2::WebACLAssociation\n    Properties:\n      WebACLArn: acl\n"
        f'      ResourceArn: !Sub "arn:aws:apigateway:us-east-1::/restapis/${{Api}}/stages/{stage}"\n'
    )


CONDITIONAL = "Parameters: { Stage: { Type: String } }\nConditions: { Live: !Equals [!Ref Stage, live] }\n"
STAGE = _one("ApiGateway::Stage", "{ RestApiId: !Ref Api, DeploymentId: d, StageName: live }")
NAMED_STAGE = _one("ApiGateway::Stage", "{ RestApiId: !Ref Api, DeploymentId: d, StageName: !Ref Stage }")
API = "  Api: { Type: AWS::ApiGateway::RestApi, Properties: { Name: api } }\n"
CLUSTER = "{ Name: c, JobFlowRole: j, ServiceRole: s, Instances: { %s } }"
SUBNETS = """
  Public: { Type: AWS::EC2::Subnet, Properties: { VpcId: vpc-0, MapPublicIpOnLaunch: true } }
  Private: { Type: AWS::EC2::Subnet, Properties: { VpcId: vpc-0 } }
"""
LUSTRE = "{ FileSystemType: LUSTRE, SubnetIds: [subnet-0], LustreConfiguration: { %s } }"
BITBUCKET = "{ Source: { Type: BITBUCKET, Location: 'https://%s@bitbucket.org/team/code' } }"
MACRO = "a macro (Fn::Transform)"
MADE = """
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties: { Bucket: !Ref Checked, PolicyDocument: { Statement: [{ Fn::Transform: { Name: Ours } }] } }
"""
LIMITED = """
      KeyPolicy:
        Statement:
          - { Effect: Allow, Principal: "*", Action: "kms:*", Resource: "*", Condition: { StringEquals: !Ref Stage } }
"""
FUNCTION = _one("Lambda::Function", "{ Role: role, Code: { ZipFile: exports } }")


@pytest.mark.parametrize(
    ("control", "template", "violated", "sources"),
    [
        ("SageMaker.1", CONDITIONAL + _one("SageMaker::NotebookInstance", "{ SubnetId: !Ref Stage }"), True, set()),
        (
            "SageMaker.1",
            CONDITIONAL + _one("SageMaker::NotebookInstance", "{ DirectInternetAccess: !Ref Stage }"),
            None,
            {"parameter Stage"},
        ),
        ("SageMaker.2", CONDITIONAL + _one("SageMaker::NotebookInstance", "{ SubnetId: !Ref Stage }"), False, set()),
        (
            "SageMaker.14",
            _one("SageMaker::MonitoringSchedule", "{ MonitoringScheduleConfig: { MonitoringJobDefinitionName: d } }"),
            None,
            None,
        ),
        ("EMR.1", _one("EMR::Cluster", CLUSTER % ""), None, {"the default VPC"}),
        ("RDS.5", _one("RDS::DBInstance", "{ Engine: mysql, Fn::Transform: { Name: Ours } }"), None, {MACRO}),
        ("RDS.5", _one("RDS::DBInstance", "{ Fn::Transform: { Name: 'AWS::Include' } }"), None, {MACRO}),
        (
            "RDS.5",
            _one("RDS::DBInstance", "{ Engine: mysql }\n    Fn::Transform: { Name: 'AWS::Include' }"),
            None,
            {MACRO},
        ),
        (
            "RDS.5",
            _one("RDS::DBInstance", "{ Engine: mysql, MultiAZ: '{{resolve:ssm:/x}}' }"),
            None,
            {"{{resolve:ssm:/x}}"},
        ),
        (
            "EMR.1",
            CONDITIONAL + _one("EMR::Cluster", CLUSTER % "Ec2SubnetId: !Ref Stage"),
            None,
            {"parameter Stage"},
        ),
        (
            "EMR.1",
            _one("EMR::Cluster", CLUSTER % "Ec2SubnetIds: [!Ref Public, !Ref Private]") + SUBNETS,
            None,
            {"which of its subnets EMR takes"},
        ),
        (
            "CloudWatch.15",
            CONDITIONAL + _one("CloudWatch::Alarm", "{ AlarmActions: [!If [Live, topic, !Ref AWS::NoValue]] }"),
            None,
            {"parameter Stage"},
        ),
        ("CodeBuild.1", _one("CodeBuild::Project", BITBUCKET % "someone"), None, None),
        ("FSx.2", _one("FSx::FileSystem", LUSTRE % "DeploymentType: SCRATCH_2"), None, None),
        ("MSK.6", _one("MSK::Cluster", "{ ClusterName: c }"), None, None),
        (
            "ElasticBeanstalk.2",
            CONDITIONAL + _one("ElasticBeanstalk::Environment", "{ TemplateName: !Ref Stage }"),
            None,
            {"parameter Stage"},
        ),
        ("SQS.2", _one("SQS::Queue", "{ QueueName: jobs }"), None, {STACK_TAGS}),
        ("SQS.2", CONDITIONAL + _one("SQS::Queue", "{ Tags: [{ Key: stage, Value: !Ref Stage }] }"), False, set()),
        ("Batch.1", _one("Batch::JobQueue", "{ Tags: {} }"), None, {STACK_TAGS}),
        ("S3.5", BUCKET + _https_only(), False, set()),
        ("S3.5", CONDITIONAL + BUCKET + _https_only(more="Condition: Live"), None, {"parameter Stage"}),
        (
            "S3.5",
            CONDITIONAL + BUCKET + "    Condition: Live\n" + _https_only(more="Condition: Live"),
            False,
            set(),
        ),
        ("S3.5", CONDITIONAL + BUCKET + _https_only(bucket="!Ref Stage"), True, set()),
        (
            "S3.5",
            CONDITIONAL + BUCKET + _https_only(condition=f'!If [Live, {NO_HTTP}, !Ref "AWS::NoValue"]'),
            None,
            {"parameter Stage"},
        ),
        ("S3.5", CONDITIONAL + BUCKET + _https_only(more="", condition="!Ref Stage"), None, {"parameter Stage"}),
        ("S3.5", BUCKET + MADE, None, {MACRO}),
        ("S3.9", CONDITIONAL + _one("S3::Bucket", "{ Fn::Transform: { Name: Ours } }"), None, {MACRO}),
        ("KMS.5", CONDITIONAL + _one("KMS::Key", LIMITED), None, {"parameter Stage"}),
        ("S3.6", _shared("111122223333"), False, set()),
        ("S3.6", _shared("arn:aws:iam::444455556666:role/partner"), True, set()),
        ("S3.12", _one("S3::Bucket", "{ AccessControl: LogDeliveryWrite }"), None, None),
        ("KMS.5", CONDITIONAL + _one("KMS::Key", "{ KeyPolicy: !Ref Stage }"), None, {"parameter Stage"}),
        ("APIGateway.1", _one("ApiGatewayV2::Stage", "{ ApiId: a, StageName: b }"), None, {"the protocol of its API"}),
        (
            "APIGateway.4",
            STAGE + API + _firewall("${Checked}"),
            False,
            set(),
        ),
        ("APIGateway.4", STAGE + API, True, set()),
        ("APIGateway.4", CONDITIONAL + NAMED_STAGE + API + _firewall("${Stage}"), False, set()),
        ("APIGateway.4", CONDITIONAL + NAMED_STAGE + API + _firewall("live"), None, {"parameter Stage"}),
        ("Cognito.5", _one("Cognito::UserPool", "{ MfaConfiguration: OPTIONAL }"), None, None),
        ("Connect.2", _one("Connect::Instance", "{ Attributes: { InboundCalls: true } }"), None, None),
        ("DataFirehose.1", _one("KinesisFirehose::DeliveryStream", "{ DeliveryStreamType: MSKAsSource }"), None, None),
        ("ECR.2", _one("ECR::Repository", "{ ImageTagMutability: IMMUTABLE_WITH_EXCLUSION }"), None, None),
        (
            "ECR.1",
            _one("ECR::Repository", "{}")
            + "  All:\n    Type: AWS::ECR::RegistryScanningConfiguration\n    Properties:\n"
            "      ScanType: ENHANCED\n      Rules: [{ ScanFrequency: SCAN_ON_PUSH, RepositoryFilters:"
            ' [{ Filter: "*", FilterType: WILDCARD }] }]\n',
            False,
            set(),
        ),
        ("Lambda.2", _one("Lambda::Function", "{ Runtime: provided.al2023 }"), None, None),
        (
            "Lambda.2",
            CONDITIONAL + _one("Lambda::Function", "{ Runtime: !Sub 'python${Stage}' }"),
            None,
            None,
        ),
        (
            "Lambda.2",
            CONDITIONAL + _one("Lambda::Function", "{ Runtime: !Join ['', [python, !Ref Stage]] }"),
            None,
            None,
        ),
        (
            "RDS.8",
            CONDITIONAL + _one("RDS::DBInstance", "{ Engine: !Sub 'oracle-${Stage}' }"),
            True,
            set(),
        ),
        (
            "RDS.8",
            CONDITIONAL + _one("RDS::DBInstance", "{ Engine: !Sub '${Stage}-se2' }"),
            None,
            {"parameter Stage"},
        ),
        (
            "Lambda.1",
            f"{FUNCTION}  Permission:\n    Type: AWS::Lambda::Permission\n    Properties: {{ FunctionName: !Ref Checked"
            ", Action: lambda:InvokeFunction, Principal: s3.amazonaws.com, SourceArn: arn:aws:s3:::documents }\n",
            None,
            None,
        ),
        (
            "Lambda.5",
            CONDITIONAL + _one("Lambda::Function", "{ VpcConfig: { SubnetIds: !Ref Stage } }"),
            None,
            {"parameter Stage"},
        ),
    ],
)
def test_a_rule_decides_what_the_template_decides(
    control: str, template: str, violated: bool | None, sources: set[str] | None, tmp_path: Path
) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(template)
    loaded = load_template(file, file.name, {}, account_id="111122223333", region="us-east-1")
    answer = OWN_RULES[control].violated(loaded.by_id["Checked"], loaded)
    assert answer.truth is violated
    assert answer.sources if sources is None else answer.sources == sources


def test_another_account_is_not_known_before_ones_own_is(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(_shared("444455556666"))
    loaded = load_template(file, file.name, {})
    answer = OWN_RULES["S3.6"].violated(loaded.by_id["Checked"], loaded)
    assert answer.truth is None
    assert answer.sources == {"AWS::AccountId"}


@pytest.mark.parametrize("protected", ["!If [ByName, !If [ByStage, true, false], true]", "!If [ByBoth, true, false]"])
def test_each_of_several_parameters_is_told_by_itself(protected: str) -> None:
    """The one whose name begins another's, too."""
    template = template_of(f"""
        Parameters: {{Stage: {{Type: String}}, StageName: {{Type: String}}}}
        Conditions:
          ByStage: !Equals [!Ref Stage, prod]
          ByName: !Equals [!Ref StageName, prod]
          ByBoth: !And [!Condition ByStage, !Condition ByName]
        Resources:
          Table: {{Type: "AWS::DynamoDB::Table", Properties: {{DeletionProtectionEnabled: {protected}}}}}
    """)
    (found,) = predict([template], [one for one in controls() if one.id == "DynamoDB.6"])
    assert found.undecided == {"parameter Stage", "parameter StageName"}
