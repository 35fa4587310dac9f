"""Buckets."""

from local.check.rule import Rule, all_of, given, rule, true

BUCKET = "S3::Bucket"
_BLOCK = "PublicAccessBlockConfiguration"

RULES: list[Rule] = [
    # Since April 2023 a new bucket blocks public access unless told otherwise (Amazon S3 User Guide, "Blocking public
    # access to your Amazon S3 storage"); a configuration that is given sets what it leaves out to false.
    rule(
        "S3.8",
        BUCKET,
        all_of(
            true(f"{_BLOCK}.BlockPublicAcls"),
            true(f"{_BLOCK}.BlockPublicPolicy"),
            true(f"{_BLOCK}.IgnorePublicAcls"),
            true(f"{_BLOCK}.RestrictPublicBuckets"),
        ),
        applies=given(_BLOCK),
    ),
]
