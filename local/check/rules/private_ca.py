"""Certificate authorities."""

from local.check.answer import Answer, some
from local.check.rule import Rule, equal, judged
from local.check.rules.policy import attached
from local.check.template import Resource, Template
from local.check.value import at


def _disabled(authority: Resource, template: Template) -> Answer:
    return some(
        attached(authority, activation, at(activation.properties, "CertificateAuthorityArn"), "Arn")
        & equal("Status", "DISABLED")(activation.properties)
        for activation in template.of_type("AWS::ACMPCA::CertificateAuthorityActivation")
    )


RULES: list[Rule] = [
    judged("PCA.1", "ACMPCA::CertificateAuthority", _disabled, applies=equal("Type", "ROOT")),
]
