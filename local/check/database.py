"""What databases have in common: they belong to clusters, come from others, and take parameters from groups.

Source: Amazon RDS API Reference, "CreateDBInstance", "CreateDBCluster", "RestoreDBInstanceFromDBSnapshot".
"""

import re

from local.check.answer import YES, Answer, ask, of, undecided
from local.check.rule import Judgement, Predicate, any_of, at_least, given, may_be_left_out
from local.check.template import Resource, Template
from local.check.value import ABSENT, Reference, Unknown, Value, at, unknown_parts

BACKUP_DAYS = 7  # as Security Hub asks by default, of all kinds of databases
_ORIGINS = (
    "DBClusterSnapshotIdentifier",
    "DBSnapshotIdentifier",
    "GlobalClusterIdentifier",
    "ReplicationSourceIdentifier",
    "SnapshotIdentifier",
    "SourceDBClusterIdentifier",
    "SourceDBInstanceAutomatedBackupsArn",
    "SourceDBInstanceIdentifier",
    "SourceDbClusterResourceId",
    "SourceDbiResourceId",
)
comes_from_another = any_of(*(given(name) for name in _ORIGINS))
in_cluster = given("DBClusterIdentifier")


def unless_inherited(path: str, predicate: Predicate) -> Predicate:
    """A predicate, undecided where nothing stands at the path and the database comes from another, whose value it
    takes."""

    def asked(properties: Value) -> Answer:
        if comes_from_another(properties).truth is not False:
            return unless_absent(path, predicate, "the database that it comes from")(properties)
        return predicate(properties)

    return asked


def keeps_backups(days: float) -> Predicate:
    """Whether it keeps its backups for so long."""
    return unless_inherited("BackupRetentionPeriod", at_least("BackupRetentionPeriod", days))


def unless_absent(path: str, predicate: Predicate, source: str) -> Predicate:
    """A predicate, undecided where nothing stands at the path; `source` is what then decides."""

    def asked(properties: Value) -> Answer:
        value = at(properties, path)
        if may_be_left_out(value):
            return undecided(value.source)
        return undecided(source) if value is ABSENT else predicate(properties)

    return asked


def in_own_subnets(path: str) -> Predicate:
    """Whether a subnet group other than the default one is named; one that a parameter or an import gives is."""

    def asked(properties: Value) -> Answer:
        group = at(properties, path)
        if isinstance(group, Reference) or (isinstance(group, Unknown) and group.choices is None):
            return YES
        return ask(group, lambda one: one is not ABSENT and str(one).lower() != "default")

    return asked


def by_cluster(predicate: Predicate) -> Judgement:
    """A judgement of instances about what the cluster manages for its members."""

    def judge(resource: Resource, template: Template) -> Answer:
        cluster = at(resource.properties, "DBClusterIdentifier")
        if cluster is ABSENT:
            return predicate(resource.properties)
        found = template.by_id.get(cluster.logical_id) if isinstance(cluster, Reference) else None
        return predicate(found.properties) if found else undecided(_name(cluster, "the cluster"))

    return judge


def parameter_of(resource: Resource, template: Template, group_path: str, name: str) -> Value:
    """What the parameter group that a resource names sets a parameter to; ABSENT where the default holds."""
    return _parameter(at(resource.properties, group_path), template, name)


def family_of(resource: Resource, template: Template, group_path: str) -> Value:
    """The family of the parameter group that a resource names, as "postgres14"; ABSENT where it names none."""
    return _family(at(resource.properties, group_path), template)


def version(text: str) -> tuple[int, ...]:
    """A version as numbers, of "14.5" as well as of "postgres14"."""
    return tuple(int(number) for number in re.findall(r"\d+", text))


def is_since(text: str, least: tuple[int, ...]) -> Answer:
    """Whether a version is this one or a later one, as far as what stands before its first unknown part tells."""
    unknown = unknown_parts(text)
    known = version(re.sub(r"\d*\$\{.*", "", text, flags=re.DOTALL))
    if unknown and len(known) < len(least) and known == least[: len(known)]:
        return undecided(*unknown)
    return of(known >= least)


def exists(resource: Resource) -> Answer:
    return undecided(resource.existence.source) if resource.existence else YES


def is_on(value: Value) -> Answer:
    """Whether a parameter of a group is on."""
    return ask(value, lambda one: str(one).lower() in {"1", "on", "true"})


def is_absent(value: Value) -> Answer:
    return ask(value, lambda one: one is ABSENT)


def _family(group: Value, template: Template) -> Value:
    if isinstance(group, Unknown) and group.choices is not None:
        return Unknown(source=group.source, choices=tuple(_family(one, template) for one in group.choices))
    if isinstance(group, Reference) and group.logical_id in template.by_id:
        return at(template.by_id[group.logical_id].properties, "Family")
    if isinstance(group, str) and group.startswith("default."):
        return group.removeprefix("default.")
    return ABSENT


def _parameter(group: Value, template: Template, name: str) -> Value:
    if group is ABSENT or (isinstance(group, str) and group.startswith("default.")):
        return ABSENT
    if isinstance(group, Unknown) and group.choices is not None:
        return Unknown(source=group.source, choices=tuple(_parameter(one, template, name) for one in group.choices))
    found = template.by_id.get(group.logical_id) if isinstance(group, Reference) else None
    if found is None:
        return Unknown(source=_name(group, "the parameter group"))
    parameters = at(found.properties, "Parameters")  # their names have dots, which a path can't have
    if isinstance(parameters, Unknown):
        return Unknown(source=parameters.source)
    return parameters.get(name, ABSENT) if isinstance(parameters, dict) else ABSENT


def _name(value: Value, kind: str) -> str:
    if isinstance(value, Unknown):
        return value.source
    return value.logical_id if isinstance(value, Reference) else f"{kind} {value}"
