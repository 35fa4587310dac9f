"""Volumes of WorkSpaces."""

from local.check.rule import Rule, rule, true

RULES: list[Rule] = [
    rule("WorkSpaces.1", "WorkSpaces::Workspace", true("UserVolumeEncryptionEnabled")),
    rule("WorkSpaces.2", "WorkSpaces::Workspace", true("RootVolumeEncryptionEnabled")),
]
