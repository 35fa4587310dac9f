"""Certificates."""

from local.check.rule import Rule, equal, negated, rule

RULES: list[Rule] = [
    # Shorter keys come with imported certificates, which CloudFormation doesn't import (AWS Certificate Manager User
    # Guide, "Prerequisites for importing certificates").
    rule("ACM.2", "CertificateManager::Certificate", negated(equal("KeyAlgorithm", "RSA_1024"))),
]
