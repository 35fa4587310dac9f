"""Workgroups and namespaces of Amazon Redshift Serverless.

Where nothing is cited, the meaning of a control is that of the AWS Security Hub User Guide, "Security Hub controls for
Amazon Redshift Serverless".
"""

from local.check.database import unless_absent
from local.check.rule import Rule, all_of, any_item, equal, false, given, negated, rule, true

WORKGROUP = "RedshiftServerless::Workgroup"
NAMESPACE = "RedshiftServerless::Namespace"

_LOGS = ("connectionlog", "userlog")


RULES: list[Rule] = [
    rule("RedshiftServerless.1", WORKGROUP, true("EnhancedVpcRouting")),
    # Since January 2025 new workgroups require TLS unless told otherwise (Amazon Redshift Management Guide, "Behavior
    # changes in Amazon Redshift").
    rule(
        "RedshiftServerless.2",
        WORKGROUP,
        negated(any_item("ConfigParameters", all_of(equal("ParameterKey", "require_ssl"), false("ParameterValue")))),
    ),
    rule("RedshiftServerless.3", WORKGROUP, negated(true("PubliclyAccessible"))),
    rule("RedshiftServerless.4", NAMESPACE, all_of(given("KmsKeyId"), negated(equal("KmsKeyId", "AWS_OWNED_KMS_KEY")))),
    # Which administrator a namespace has where none is named isn't said.
    rule(
        "RedshiftServerless.5",
        NAMESPACE,
        unless_absent("AdminUsername", negated(equal("AdminUsername", "admin")), "the default of AdminUsername"),
    ),
    rule("RedshiftServerless.6", NAMESPACE, all_of(*(any_item("LogExports", equal("", one)) for one in _LOGS))),
]
