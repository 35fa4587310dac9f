"""Instances, clusters, proxies and event subscriptions of Amazon RDS.

Where nothing is cited, the meaning of a control is that of the AWS Security Hub User Guide, "Security Hub controls for
Amazon RDS", and a default that of the Amazon RDS API Reference, "CreateDBInstance" and "CreateDBCluster".
"""

from collections.abc import Mapping

from local.check.answer import NO, YES, Answer, ask, every, of, undecided
from local.check.database import (
    BACKUP_DAYS,
    by_cluster,
    exists,
    family_of,
    in_cluster,
    in_own_subnets,
    is_absent,
    is_on,
    is_since,
    keeps_backups,
    parameter_of,
    unless_inherited,
)
from local.check.parameter import number, some_of
from local.check.rule import (
    Judgement,
    Predicate,
    Rule,
    all_of,
    any_item,
    any_of,
    at_least,
    at_most,
    customizable,
    equal,
    false,
    given,
    judged,
    matching,
    negated,
    rule,
    true,
    unsettled,
)
from local.check.rules.policy import of_each_choice
from local.check.rules.related import refers
from local.check.template import Resource, Template
from local.check.value import ABSENT, Unknown, Value, at

INSTANCE = "RDS::DBInstance"
CLUSTER = "RDS::DBCluster"
_OF_GRAPH = "Neptune::DBInstance"
_CLUSTERS = (CLUSTER, "DocDB::DBCluster", "Neptune::DBCluster")  # to AWS Config all are clusters of RDS
SUBSCRIPTION = "RDS::EventSubscription"

_AURORA = ("aurora", "aurora-mysql", "aurora-postgresql")
_AURORA_MYSQL = ("aurora", "aurora-mysql")
_MULTI_AZ_CLUSTER = ("mysql", "postgres")  # a cluster of these engines has instances in three zones
_PORTS = {"db2": 50000, "mariadb": 3306, "mysql": 3306, "oracle": 1521, "postgres": 5432, "sqlserver": 1433}
_LOGS: Mapping[str, tuple[str, ...]] = {
    "oracle-.*": ("alert", "audit", "listener", "trace"),
    "postgres": ("postgresql", "upgrade"),
    "mysql|mariadb|aurora|aurora-mysql": ("audit", "error", "general", "slowquery"),
    "sqlserver-.*": ("agent", "error"),
    "aurora-postgresql": ("postgresql",),
}
_ADMINISTRATORS = ("admin", "postgres")
_standalone = negated(in_cluster)


def engine(*names: str) -> Predicate:
    """Whether its engine is one of these."""
    return unless_inherited("Engine", equal("Engine", *names))


def engine_like(pattern: str) -> Predicate:
    return unless_inherited("Engine", matching("Engine", pattern))


def logs(*types: str) -> Predicate:
    """Whether all these logs are published."""
    return all_of(*(any_item("EnableCloudwatchLogsExports", equal("", one)) for one in types))


def _is_private(properties: Value) -> Answer:
    """Whether an instance is private where nothing is said: those of Aurora are, and those in a subnet group other
    than the default one."""
    return any_of(in_own_subnets("DBSubnetGroupName"), in_cluster, engine(*_AURORA))(properties)


def _is_not_public(properties: Value) -> Answer:
    is_said = ~is_absent(at(properties, "PubliclyAccessible"))
    return false("PubliclyAccessible")(properties) & (is_said | _is_private(properties))


def _is_closed(instance: Resource, template: Template) -> Answer:
    """Those of Neptune are private unless told otherwise."""
    of_graph = instance.type == f"AWS::{_OF_GRAPH}"
    return (false("PubliclyAccessible") if of_graph else _is_not_public)(instance.properties)


def _is_encrypted(properties: Value) -> Answer:
    """Since February 2026 new clusters of Aurora are encrypted by a key that AWS owns unless another is named (Amazon
    Aurora User Guide, "Encrypting Amazon Aurora resources"); whether that is reported as encrypted isn't said."""
    is_said = unless_inherited("StorageEncrypted", true("StorageEncrypted"))(properties)
    always = equal("EngineMode", "serverless")(properties)  # the first Serverless can't be without
    by_default = always | undecided("how the default encryption of Aurora is reported")
    return is_said | (engine(*_AURORA)(properties) & by_default)


def _publishes_logs(properties: Value) -> Answer:
    return every(~engine_like(pattern)(properties) | logs(*types)(properties) for pattern, types in _LOGS.items())


def _is_monitored(seconds: float | None) -> Judgement:
    """Whether its metrics are collected, at this interval if there is one."""
    interval = at_least("MonitoringInterval", 1) if seconds is None else equal("MonitoringInterval", seconds)

    def judge(resource: Resource, template: Template) -> Answer:
        own = interval(resource.properties)
        return own if in_cluster(resource.properties).truth is False else own | by_cluster(interval)(resource, template)

    return judge


def _backtracks(hours: float | None) -> Predicate:
    """Whether it can go back, as far as that if something is asked for; the property has seconds."""
    if hours is None:
        return at_least("BacktrackWindow", 1)
    seconds = round(hours * 3600)
    longer = unsettled("whether Security Hub accepts a longer backtrack window")
    return all_of(at_least("BacktrackWindow", seconds), any_of(at_most("BacktrackWindow", seconds), longer))


def _is_replica(properties: Value) -> Answer:
    to_a_time = any_of(given("RestoreTime"), true("UseLatestRestorableTime"))
    replicates = any_of(
        given("SourceDBClusterIdentifier"), all_of(given("SourceDBInstanceIdentifier"), negated(to_a_time))
    )
    return replicates(properties)


def _uses_another_port(properties: Value) -> Answer:
    return every(
        ~engine_like(rf"(custom-)?{name}(-.*)?")(properties) | ~equal("Port", port, default=True)(properties)
        for name, port in _PORTS.items()
    )


def in_several_zones(members: str) -> Judgement:
    """Whether the instances of a cluster, which are of a type, stand in several zones."""
    return lambda cluster, template: _is_in_several_zones(cluster, template, f"AWS::{members}")


def _is_in_several_zones(resource: Resource, template: Template, kind: str) -> Answer:
    """Aurora puts the instances of a cluster into different zones unless told otherwise (Amazon Aurora User Guide,
    "High availability for Amazon Aurora")."""
    members = [
        (refers(at(one.properties, "DBClusterIdentifier"), resource) & exists(one), one)
        for one in template.of_type(kind)
    ]
    perhaps = [(answer, one) for answer, one in members if answer.truth is not False]
    certain = [one for answer, one in perhaps if answer.truth]
    if not certain:
        return undecided("the instances of the cluster")
    of_certain = _are_in_several_zones(certain)
    of_all = _are_in_several_zones([one for _, one in perhaps])
    if of_certain.truth is True or of_all.truth is False:
        return of_all
    return undecided(*of_all.sources, *(source for answer, _ in perhaps for source in answer.sources))


def _are_in_several_zones(instances: list[Resource]) -> Answer:
    """Whether instances differ in their zone; each that names none, or one that isn't known, has its own."""
    zones = [(at(one.properties, "AvailabilityZone"), f"that of {one.logical_id}") for one in instances]
    of_each = [{zone if isinstance(zone, str) else own for zone in _choices(value)} for value, own in zones]
    if not of_each[1:] or len(set.union(*of_each)) == 1:
        return NO
    if not set.intersection(*of_each):
        return YES
    return undecided(*(value.source for value, _ in zones if isinstance(value, Unknown)))


def _choices(value: Value) -> tuple[Value, ...]:
    return value.choices or (value,) if isinstance(value, Unknown) else (value,)


def _requires_tls(
    name: str, since: tuple[int, ...] | None = None, *, default_version: tuple[int, ...] | None = None
) -> Judgement:
    """Whether a parameter that makes TLS a must is on; by default it is `since` a version, or in none.
    `default_version` is what an instance runs at least if none is said; None if that isn't known."""

    def judge(resource: Resource, template: Template) -> Answer:
        value = parameter_of(resource, template, "DBParameterGroupName", name)
        return is_on(value) | (is_absent(value) & _is_on_by_default(resource, template, since, default_version))

    return judge


def _is_on_by_default(
    resource: Resource, template: Template, since: tuple[int, ...] | None, default_version: tuple[int, ...] | None
) -> Answer:
    if since is None:
        return NO

    def of_default(_: Value) -> Answer:
        return undecided("the version of the engine") if default_version is None else of(default_version >= since)

    def of_family(family: Value) -> Answer:
        return of_default(family) if family is ABSENT else is_since(str(family), since)

    def of_version(running: Value) -> Answer:
        if running is ABSENT:
            return of_each_choice(family_of(resource, template, "DBParameterGroupName"), of_family)
        return is_since(str(running), since)

    return of_each_choice(at(resource.properties, "EngineVersion"), of_version)


def _is_mariadb_with_tls(properties: Value) -> Answer:
    running = at(properties, "EngineVersion")
    known = ask(running, lambda one: one is ABSENT or is_since(str(one), (10, 5)))
    return engine("mariadb")(properties) & known


def _audits(resource: Resource, template: Template) -> Answer:
    logging, events = (
        parameter_of(resource, template, "DBClusterParameterGroupName", name)
        for name in ("server_audit_logging", "server_audit_events")
    )
    return is_on(logging) & ask(events, lambda one: one is not ABSENT and bool(str(one).strip()))


def _subscribes(control: str, source: str, *categories: str) -> Rule:
    """A subscription to a source of events, and to these categories of them; all, if it names none."""
    wanted = [any_item("EventCategories", equal("", one), default=True) for one in categories]
    return rule(
        control, SUBSCRIPTION, all_of(true("Enabled", default=True), *wanted), applies=equal("SourceType", source)
    )


RULES: list[Rule] = [
    judged("RDS.2", (INSTANCE, _OF_GRAPH), _is_closed),
    judged("RDS.3", INSTANCE, by_cluster(_is_encrypted)),
    # Source: AWS Config Developer Guide, "rds-multi-az-support": the instances of Aurora are left out.
    rule("RDS.5", INSTANCE, true("MultiAZ"), applies=all_of(_standalone, negated(engine(*_AURORA)))),
    customizable(
        lambda seconds: judged("RDS.6", INSTANCE, _is_monitored(seconds)),
        number("monitoringInterval"),
    ),
    rule(
        "RDS.8",
        INSTANCE,
        true("DeletionProtection"),
        applies=all_of(_standalone, engine_like("mariadb|mysql|postgres|custom-oracle-ee|oracle-.*|sqlserver-.*")),
    ),
    judged("RDS.9", INSTANCE, by_cluster(_publishes_logs)),
    judged(
        "RDS.10",
        INSTANCE,
        by_cluster(true("EnableIAMDatabaseAuthentication")),
        applies=engine("mariadb", "mysql", "postgres", *_AURORA),
    ),
    customizable(
        lambda days: judged("RDS.11", INSTANCE, by_cluster(keeps_backups(days)), applies=negated(_is_replica)),
        number("backupRetentionMinimum", BACKUP_DAYS),
    ),
    rule("RDS.12", CLUSTER, true("EnableIAMDatabaseAuthentication")),
    customizable(
        lambda hours: rule(
            "RDS.14",
            CLUSTER,
            _backtracks(hours),
            applies=all_of(engine(*_AURORA_MYSQL), negated(equal("EngineMode", "serverless"))),
        ),
        number("BacktrackWindowInHours"),
    ),
    judged("RDS.15", CLUSTER, in_several_zones(INSTANCE), applies=negated(engine(*_MULTI_AZ_CLUSTER))),
    rule("RDS.16", CLUSTER, true("CopyTagsToSnapshot"), applies=engine(*_AURORA)),
    rule("RDS.17", INSTANCE, true("CopyTagsToSnapshot"), applies=all_of(_standalone, negated(engine(*_AURORA)))),
    _subscribes("RDS.19", "db-cluster", "maintenance", "failure"),
    _subscribes("RDS.20", "db-instance", "maintenance", "configuration change", "failure"),
    _subscribes("RDS.21", "db-parameter-group", "configuration change"),
    _subscribes("RDS.22", "db-security-group", "configuration change", "failure"),
    rule("RDS.23", INSTANCE, unless_inherited("Port", _uses_another_port), applies=_standalone),
    rule("RDS.24", CLUSTER, unless_inherited("MasterUsername", negated(equal("MasterUsername", *_ADMINISTRATORS)))),
    rule(
        "RDS.25",
        INSTANCE,
        unless_inherited("MasterUsername", negated(equal("MasterUsername", *_ADMINISTRATORS))),
        applies=_standalone,
    ),
    rule("RDS.27", CLUSTER, _is_encrypted),
    rule(
        "RDS.34",
        CLUSTER,
        logs("audit"),
        applies=all_of(engine(*_AURORA_MYSQL), negated(equal("EngineMode", "serverless"))),
    ),
    rule("RDS.35", CLUSTER, true("AutoMinorVersionUpgrade", default=True), applies=engine(*_MULTI_AZ_CLUSTER)),
    rule("RDS.37", CLUSTER, logs("postgresql"), applies=engine("aurora-postgresql")),
    # Source for these defaults: Amazon RDS User Guide, "Requiring an SSL connection to a PostgreSQL DB instance",
    # "Requiring SSL/TLS for all connections to a MySQL DB instance", and the same of MariaDB.
    judged(
        "RDS.38",
        INSTANCE,
        _requires_tls("rds.force_ssl", (15,), default_version=(15,)),
        applies=all_of(_standalone, engine("postgres")),
    ),
    judged(
        "RDS.39",
        INSTANCE,
        _requires_tls("require_secure_transport", (9, 7)),
        applies=all_of(_standalone, engine("mysql")),
    ),
    customizable(
        lambda types: rule("RDS.40", INSTANCE, logs(*types), applies=engine_like("sqlserver-.*")),
        some_of("logTypes", "agent", "error"),
    ),
    judged("RDS.41", INSTANCE, _requires_tls("rds.force_ssl"), applies=engine_like("sqlserver-.*")),
    customizable(
        lambda types: rule("RDS.42", INSTANCE, logs(*types), applies=engine("mariadb")),
        some_of("logTypes", "audit", "error", "general", "slowquery", default=("audit", "error")),
    ),
    rule("RDS.43", "RDS::DBProxy", true("RequireTLS")),
    judged("RDS.44", INSTANCE, _requires_tls("require_secure_transport", (11, 8)), applies=_is_mariadb_with_tls),
    judged("RDS.45", CLUSTER, _audits, applies=engine(*_AURORA_MYSQL)),
    rule("RDS.47", CLUSTER, true("CopyTagsToSnapshot"), applies=engine("postgres")),
    rule("RDS.48", CLUSTER, true("CopyTagsToSnapshot"), applies=engine("mysql")),
    customizable(
        lambda days: rule("RDS.50", _CLUSTERS, keeps_backups(days)),
        number("minimumBackupRetentionPeriod", BACKUP_DAYS),
    ),
]
