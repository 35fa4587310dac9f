"""The schemas that the check reads are those of the cfn-lint that is locked."""

from local.check.refresh_schemas import schemas_as_read
from local.check.schema import SCHEMAS, schema_of, type_at


def test_the_schemas_are_those_of_the_locked_cfn_lint() -> None:
    assert SCHEMAS.read_text(encoding="utf-8") == schemas_as_read(), "run `make lock`"


def test_a_shortened_schema_tells_types_through_references_and_lists() -> None:
    assert type_at("AWS::S3::Bucket", ("PublicAccessBlockConfiguration", "BlockPublicAcls")) == "boolean"
    assert type_at("AWS::EC2::Instance", ("BlockDeviceMappings", 0, "Ebs", "VolumeSize")) == "integer"
    assert schema_of("AWS::S3::Buckett") is None
