"""Replication instances, endpoints and tasks of AWS Database Migration Service.

Where nothing is cited, the meaning of a control is that of the AWS Security Hub User Guide, "Security Hub controls for
AWS DMS", and a default that of the AWS DMS API Reference.
"""

import json
from typing import Any

from local.check.answer import Answer, ask
from local.check.database import unless_absent
from local.check.rule import Predicate, Rule, equal, negated, rule, true
from local.check.value import Value, at

INSTANCE = "DMS::ReplicationInstance"
ENDPOINT = "DMS::Endpoint"
TASK = "DMS::ReplicationTask"

# Source: AWS DMS User Guide, "Using SSL with AWS Database Migration Service"; other stores are reached by HTTPS, or by
# settings of their own.
_WITH_SSL = (
    "aurora",
    "aurora-postgresql",
    "db2",
    "docdb",
    "mariadb",
    "mongodb",
    "mysql",
    "oracle",
    "postgres",
    "sqlserver",
    "sybase",
)
_DEFAULT = "LOGGER_SEVERITY_DEFAULT"
_LEVELS = {_DEFAULT, "LOGGER_SEVERITY_DEBUG", "LOGGER_SEVERITY_DETAILED_DEBUG"}


def _logs(*components: str) -> Predicate:
    """Whether the settings of a task, a JSON text, log these components; by default nothing is logged, and if anything
    is, all components are at the default level (AWS DMS User Guide, "Logging task settings")."""

    def test(settings: Any) -> bool:
        try:
            logging = json.loads(settings)["Logging"]
            levels = {one["Id"]: one.get("Severity") for one in logging.get("LogComponents") or []}
            return logging.get("EnableLogging") is True and all(
                levels.get(one, _DEFAULT) in _LEVELS for one in components
            )
        except (ValueError, LookupError, TypeError, AttributeError):
            return False

    def asked(properties: Value) -> Answer:
        return ask(at(properties, "ReplicationTaskSettings"), test)

    return asked


RULES: list[Rule] = [
    rule("DMS.6", INSTANCE, true("AutoMinorVersionUpgrade", default=True)),
    rule("DMS.7", TASK, _logs("TARGET_APPLY", "TARGET_LOAD")),
    rule("DMS.8", TASK, _logs("SOURCE_CAPTURE", "SOURCE_UNLOAD")),
    rule(
        "DMS.9",
        ENDPOINT,
        negated(equal("SslMode", "none", default=True)),
        applies=equal("EngineName", *_WITH_SSL),
    ),
    rule("DMS.10", ENDPOINT, true("NeptuneSettings.IamAuthEnabled"), applies=equal("EngineName", "neptune")),
    rule(
        "DMS.11",
        ENDPOINT,
        # Which type holds where none is named isn't said.
        unless_absent(
            "MongoDbSettings.AuthType", negated(equal("MongoDbSettings.AuthType", "no")), "the default of AuthType"
        ),
        applies=equal("EngineName", "mongodb"),
    ),
    rule(
        "DMS.12",
        ENDPOINT,
        negated(equal("RedisSettings.SslSecurityProtocol", "plaintext")),
        applies=equal("EngineName", "redis"),
    ),
    rule("DMS.13", INSTANCE, true("MultiAZ")),
]
