"""File systems of FSx."""

from local.check.rule import Rule, all_of, any_of, equal, given, rule, true, unsettled

FILE_SYSTEM = "FSx::FileSystem"
_LUSTRE = "LustreConfiguration"

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
    *(
        rule(
            control,
            FILE_SYSTEM,
            equal(f"{configuration}.DeploymentType", "MULTI_AZ_1", "MULTI_AZ_2"),
            applies=equal("FileSystemType", kind),
        )
        for control, kind, configuration in (
            ("FSx.3", "OPENZFS", "OpenZFSConfiguration"),
            ("FSx.4", "ONTAP", "OntapConfiguration"),
            ("FSx.5", "WINDOWS", "WindowsConfiguration"),
        )
    ),
]
