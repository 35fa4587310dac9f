"""Clusters of Amazon Neptune.

Where nothing is cited, the meaning of a control is that of the AWS Security Hub User Guide, "Security Hub controls for
Neptune".
"""

from local.check.answer import Answer, undecided
from local.check.database import unless_inherited
from local.check.rule import Rule, any_item, at_least, equal, rule, true
from local.check.value import ABSENT, Value, at

CLUSTER = "Neptune::DBCluster"
BACKUP_DAYS = 7


def _is_protected(properties: Value) -> Answer:
    """Of the default the Neptune API Reference says that it is on ("CreateDBCluster"), while AWS Control Tower and
    Terraform take it as off."""
    if at(properties, "DeletionProtection") is ABSENT:
        return undecided("the default of DeletionProtection")
    return true("DeletionProtection")(properties)


RULES: list[Rule] = [
    rule("Neptune.1", CLUSTER, unless_inherited("StorageEncrypted", true("StorageEncrypted"))),
    rule("Neptune.2", CLUSTER, any_item("EnableCloudwatchLogsExports", equal("", "audit"))),
    rule("Neptune.4", CLUSTER, _is_protected),
    rule(
        "Neptune.5",
        CLUSTER,
        unless_inherited("BackupRetentionPeriod", at_least("BackupRetentionPeriod", BACKUP_DAYS)),
    ),
    rule("Neptune.8", CLUSTER, true("CopyTagsToSnapshot")),
]
