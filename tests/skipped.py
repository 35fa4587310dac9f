"""Tests that a machine skips for what it lacks, told in one sentence at the end of a run."""

NETWORK_NAMESPACES = "network namespaces"
PACKAGES = {"Chromium": ("chromium", "fonts-noto-cjk"), "LibreOffice": ("libreoffice-calc-nogui",)}
# What no package brings.
PERMISSIONS = {NETWORK_NAMESPACES: "unshare --net"}


def sentence(reasons: list[str]) -> str | None:
    """How many tests were skipped for want of what, and what brings it; None if none were.

    `reasons` are those of all skipped tests.
    """
    missing = [name for name in (*PACKAGES, *PERMISSIONS) if any(name in reason for reason in reasons)]
    count = sum(any(name in reason for name in missing) for reason in reasons)
    packages = [package for name in missing for package in PACKAGES.get(name, ())]
    permissions = [PERMISSIONS[name] for name in missing if name in PERMISSIONS]
    if not count:
        return None
    tests = "1 test was" if count == 1 else f"{count} tests were"
    remedies = [f"install {' '.join(packages)}"] if packages else []
    remedies += [f"allow {' '.join(permissions)}"] if permissions else []
    return f"{tests} skipped for want of {' and '.join(missing)}: {'; '.join(remedies)}."
