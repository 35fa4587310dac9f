"""Keys. What IAM policies allow with them is in iam.py."""

from local.check.rule import Rule, all_of, equal, matching, negated, rule, true
from local.check.rules.policy import is_public
from local.check.value import at

_rotates = all_of(
    equal("KeySpec", "SYMMETRIC_DEFAULT", default=True),
    equal("Origin", "AWS_KMS", default=True),
    negated(matching("KeyUsage", "SIGN_VERIFY|GENERATE_VERIFY_MAC|KEY_AGREEMENT")),
)

RULES: list[Rule] = [
    # Only symmetric keys with material of AWS KMS rotate by themselves ("Rotate AWS KMS keys").
    rule("KMS.4", "KMS::Key", true("EnableKeyRotation"), applies=_rotates),
    rule(
        "KMS.5",
        ["KMS::Key", "KMS::ReplicaKey"],
        lambda properties: ~is_public(at(properties, "KeyPolicy")),
    ),
]
