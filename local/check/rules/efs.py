"""File systems and access points."""

from local.check.answer import Answer, some
from local.check.rule import Rule, all_of, any_of, equal, given, judged, negated, rule, true
from local.check.rules.related import present, refers, some_other
from local.check.template import Resource, Template
from local.check.value import at

FILE_SYSTEM, ACCESS_POINT = "EFS::FileSystem", "EFS::AccessPoint"
_gives_public_addresses = any_of(true("MapPublicIpOnLaunch"), true("AssignIpv6AddressOnCreation"))


def _is_mounted_privately(file_system: Resource, template: Template) -> Answer:
    """Whether no mount target stands in a subnet of the template that gives public addresses."""
    return ~some_other(
        file_system,
        template,
        "AWS::EFS::MountTarget",
        lambda target: (
            refers(at(target.properties, "FileSystemId"), file_system)
            & some(
                refers(at(target.properties, "SubnetId"), subnet) & _gives_public_addresses(subnet.properties)
                for subnet in template.of_type("AWS::EC2::Subnet")
            )
        ),
    )


RULES: list[Rule] = [
    rule("EFS.3", ACCESS_POINT, negated(equal("RootDirectory.Path", "/", default=True))),
    judged("EFS.6", FILE_SYSTEM, _is_mounted_privately),
    # A file system of one zone is backed up by default (Amazon EFS API Reference, CreateFileSystem, Backup).
    rule(
        "EFS.7",
        FILE_SYSTEM,
        any_of(
            equal("BackupPolicy.Status", "ENABLED"),
            all_of(negated(present("BackupPolicy")), given("AvailabilityZoneName")),
        ),
    ),
]
