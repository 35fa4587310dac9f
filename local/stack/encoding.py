"""What a file looks like that is no text in UTF-8, and what to do about it."""

import re

UTF_16 = re.compile(rb"\xff\xfe|\xfe\xff|[^\0]\0[^\0]\0|\0[^\0]\0[^\0]")  # with its mark or without
ZIPPED = {b"\x1f\x8b": "gzip", b"PK": "zip"}
KANA = re.compile("[\u3040-\u30ff]")  # which no other text becomes when it is read as CP932


def explain_unreadable(content: bytes) -> str | None:
    """Why a file's content can't be read as text, as the rest of a sentence about it; None if it is UTF-8."""
    if UTF_16.match(content):
        return (
            "is UTF-16, as > of Windows PowerShell writes it: write it anew in UTF-8, with | Out-File -Encoding utf8 "
            "in place of >"
        )
    for beginning, name in ZIPPED.items():
        if content.startswith(beginning):
            return f"is compressed ({name}): unpack it first"
    try:
        content.decode()
    except UnicodeDecodeError as error:
        if _is_cp932(content):
            return "is Japanese text in CP932 (Shift_JIS), as Windows saves it: save it as UTF-8, or run iconv -f CP932"
        return f"is no text in UTF-8 ({error}): save it as UTF-8"
    return None


def _is_cp932(content: bytes) -> bool:
    try:
        return KANA.search(content.decode("cp932")) is not None
    except UnicodeDecodeError:
        return False
