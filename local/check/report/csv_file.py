"""The digest's CSV, of what is not deployed yet."""

import csv
import io
from collections.abc import Iterator, Mapping

from local.check.decide import Predicted
from local.check.result import Result, place, remediation
from local.slack.text import one_line
from shared.view.csv_file import BYTE_ORDER_MARK, as_text
from shared.view.language import LANGUAGES

_IN_JAPANESE = {"predicted": "予測", "undecided": "判定不能", "accepted": "許容済み"}


def csv_text(result: Result, language: str) -> str:
    """All that was found in the columns of the digest; what only a deployment gives is empty."""
    wording = LANGUAGES[language]
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow((*wording.columns, *wording.digest_columns))
    writer.writerows(_rows(result, _IN_JAPANESE if language == "ja" else {}))
    return BYTE_ORDER_MARK + text.getvalue()


def _rows(result: Result, words: Mapping[str, str]) -> Iterator[list[str]]:
    for one in (*result.violations, *result.accepted, *result.undecided):
        cells = [
            one.resource.name,
            one.control.title,
            one.control.id,
            one.control.severity.name,
            place(one),
            one.template.account_id or "",
            "",
            one.template.region or "",
            "",
            "",
            "",
            "; ".join(sorted(name.upper() for name in one.control.standards)),
            remediation(one),
            "",
            words.get(status_of(one), status_of(one)),
            "",
        ]
        yield [as_text(one_line(cell)) for cell in cells]


def status_of(one: Predicted) -> str:
    """ "predicted", "undecided" or "accepted"."""
    if one.accepted:
        return "accepted"
    return "predicted" if one.is_certain else "undecided"
