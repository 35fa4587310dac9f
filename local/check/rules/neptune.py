"""Clusters of Amazon Neptune.

Where nothing is cited, the meaning of a control is that of the AWS Security Hub User Guide, "Security Hub controls for
Neptune".
"""

from local.check.database import BACKUP_DAYS, keeps_backups, unless_absent, unless_inherited
from local.check.parameter import number
from local.check.rule import Rule, any_item, customizable, equal, judged, rule, true
from local.check.rules.rds import in_several_zones

CLUSTER = "Neptune::DBCluster"


RULES: list[Rule] = [
    rule("Neptune.1", CLUSTER, unless_inherited("StorageEncrypted", true("StorageEncrypted"))),
    rule("Neptune.2", CLUSTER, any_item("EnableCloudwatchLogsExports", equal("", "audit"))),
    # Of the default the Neptune API Reference says that it is on ("CreateDBCluster"), while AWS Control Tower and
    # Terraform take it as off.
    rule(
        "Neptune.4",
        CLUSTER,
        unless_absent("DeletionProtection", true("DeletionProtection"), "the default of DeletionProtection"),
    ),
    customizable(
        lambda days: rule("Neptune.5", CLUSTER, keeps_backups(days)),
        number("minimumBackupRetentionPeriod", BACKUP_DAYS),
    ),
    rule("Neptune.8", CLUSTER, true("CopyTagsToSnapshot")),
    judged("Neptune.9", CLUSTER, in_several_zones("Neptune::DBInstance")),
]
