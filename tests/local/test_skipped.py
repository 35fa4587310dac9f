"""What the end of a test run says of tests that were skipped."""

from tests.skipped import sentence

NO_CHROMIUM = "('tests/browser/conftest.py', 33, 'Skipped: Chromium is missing; install it with …')"
NO_NAMESPACE = "('tests/local/test_check_offline.py', 40, 'Skipped: network namespaces are forbidden here: …')"
NO_LIBREOFFICE = "('tests/integration/test_spreadsheet.py', 53, 'Skipped: needs LibreOffice: …')"


def test_what_is_missing_is_told_with_the_packages_that_bring_it() -> None:
    assert sentence([NO_CHROMIUM]) == "1 test was skipped for want of Chromium: install chromium fonts-noto-cjk."
    assert sentence([NO_LIBREOFFICE, "another", NO_CHROMIUM]) == (
        "2 tests were skipped for want of Chromium and LibreOffice: "
        "install chromium fonts-noto-cjk libreoffice-calc-nogui."
    )


def test_what_the_machine_forbids_is_told_with_what_it_is_to_allow() -> None:
    assert sentence([NO_NAMESPACE]) == "1 test was skipped for want of network namespaces: allow unshare --net."
    assert sentence([NO_NAMESPACE, NO_LIBREOFFICE]) == (
        "2 tests were skipped for want of LibreOffice and network namespaces: "
        "install libreoffice-calc-nogui; allow unshare --net."
    )


def test_what_was_skipped_for_another_reason_is_not_told_of() -> None:
    assert sentence([]) is None
    assert sentence(["another"]) is None
