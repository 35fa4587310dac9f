"""Tests that a machine skips for what it lacks, told in one sentence at the end of a run."""

PACKAGES = {"Chromium": ("chromium", "fonts-noto-cjk"), "LibreOffice": ("libreoffice-calc-nogui",)}


def sentence(reasons: list[str]) -> str | None:
    """How many tests were skipped for want of what, and which packages bring it; None if none were.

    `reasons` are those of all skipped tests.
    """
    missing = [name for name in PACKAGES if any(name in reason for reason in reasons)]
    count = sum(any(name in reason for name in missing) for reason in reasons)
    packages = [package for name in missing for package in PACKAGES[name]]
    if not count:
        return None
    tests = "1 test was" if count == 1 else f"{count} tests were"
    return f"{tests} skipped for want of {' and '.join(missing)}: install {' '.join(packages)}."
