"""What other programs get to see of this process's environment."""

import os
from collections.abc import Mapping

# How to find programs, files and the network, and which language to speak. No AWS_*, no token of anybody.
NAMES = (
    *("HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "PYTHONDONTWRITEBYTECODE", "TERM", "TMPDIR", "TZ", "USER"),
    *("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "all_proxy", "https_proxy", "http_proxy", "no_proxy"),
    *("REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE"),
)
# Whence `sam build` installs what ships. The address of an index may hold a password, which functions needn't see.
INSTALLER_NAMES = ("PIP_CERT", "PIP_CONFIG_FILE", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "XDG_CONFIG_HOME")


def environment(given: Mapping[str, str], names: tuple[str, ...] = NAMES) -> dict[str, str]:
    """The variables of these names, as far as this process has them, and those that are given."""
    return {name: os.environ[name] for name in names if name in os.environ} | dict(given)
