"""Workgroups and namespaces of Amazon Redshift Serverless.

Where nothing is cited, the meaning of a control is that of the AWS Security Hub User Guide, "Security Hub controls for
Amazon Redshift Serverless".
"""

from local.check.answer import Answer, undecided
from local.check.rule import Rule, all_of, any_item, equal, false, negated, rule, true
from local.check.value import ABSENT, Value, at

WORKGROUP = "RedshiftServerless::Workgroup"
NAMESPACE = "RedshiftServerless::Namespace"

_LOGS = ("connectionlog", "userlog")


def _is_renamed(properties: Value) -> Answer:
    """Which administrator a namespace has where none is named isn't said."""
    if at(properties, "AdminUsername") is ABSENT:
        return undecided("the default of AdminUsername")
    return negated(equal("AdminUsername", "admin"))(properties)


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
    rule("RedshiftServerless.5", NAMESPACE, _is_renamed),
    rule("RedshiftServerless.6", NAMESPACE, all_of(*(any_item("LogExports", equal("", one)) for one in _LOGS))),
]
