"""File systems of FSx."""

from collections.abc import Sequence

from local.check.parameter import some_of
from local.check.rule import Rule, all_of, any_of, customizable, equal, given, rule, true, unsettled

FILE_SYSTEM = "FSx::FileSystem"
_LUSTRE = "LustreConfiguration"
_SEVERAL_ZONES = ("MULTI_AZ_1", "MULTI_AZ_2")


def _deployed(control: str, kind: str, configuration: str, types: Sequence[str] = _SEVERAL_ZONES) -> Rule:
    return rule(
        control,
        FILE_SYSTEM,
        equal(f"{configuration}.DeploymentType", *types),
        applies=equal("FileSystemType", kind),
    )


RULES: list[Rule] = [
    rule(
        "FSx.1",
        FILE_SYSTEM,
        all_of(true("OpenZFSConfiguration.CopyTagsToBackups"), true("OpenZFSConfiguration.CopyTagsToVolumes")),
        applies=equal("FileSystemType", "OPENZFS"),
    ),
    # Scratch file systems and those with a data repository can't be backed up (FSx API Reference,
    # "CreateFileSystemLustreConfiguration").
    rule(
        "FSx.2",
        FILE_SYSTEM,
        any_of(
            true(f"{_LUSTRE}.CopyTagsToBackups"),
            all_of(
                any_of(
                    equal(f"{_LUSTRE}.DeploymentType", "SCRATCH_1", "SCRATCH_2", default=True),
                    given(f"{_LUSTRE}.ImportPath"),
                ),
                unsettled("whether Security Hub counts file systems that have no backups"),
            ),
        ),
        applies=equal("FileSystemType", "LUSTRE"),
    ),
    _deployed("FSx.3", "OPENZFS", "OpenZFSConfiguration"),
    customizable(
        lambda types: _deployed("FSx.4", "ONTAP", "OntapConfiguration", types),
        some_of("deploymentTypes", *_SEVERAL_ZONES),
    ),
    _deployed("FSx.5", "WINDOWS", "WindowsConfiguration"),
]
