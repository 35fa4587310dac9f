"""Clusters of Amazon DocumentDB.

Where nothing is cited, the meaning of a control is that of the AWS Security Hub User Guide, "Security Hub controls for
Amazon DocumentDB".
"""

from local.check.answer import Answer, ask
from local.check.database import BACKUP_DAYS, keeps_backups, parameter_of, unless_inherited
from local.check.parameter import number
from local.check.rule import Rule, any_item, customizable, equal, judged, rule, true
from local.check.template import Resource, Template

CLUSTER = "DocDB::DBCluster"

_TLS = {"tls1.2+", "tls1.3+", "fips-140-3"}


def _requires_recent_tls(resource: Resource, template: Template) -> Answer:
    """The default, "enabled", is not enough: it allows versions before 1.2."""
    return ask(
        parameter_of(resource, template, "DBClusterParameterGroupName", "tls"), lambda one: str(one).lower() in _TLS
    )


RULES: list[Rule] = [
    rule("DocumentDB.1", CLUSTER, unless_inherited("StorageEncrypted", true("StorageEncrypted"))),
    customizable(
        lambda days: rule("DocumentDB.2", CLUSTER, keeps_backups(days)),
        number("minimumBackupRetentionPeriod", BACKUP_DAYS),
    ),
    rule("DocumentDB.4", CLUSTER, any_item("EnableCloudwatchLogsExports", equal("", "audit"))),
    rule("DocumentDB.5", CLUSTER, true("DeletionProtection")),
    judged("DocumentDB.6", CLUSTER, _requires_recent_tls),
]
