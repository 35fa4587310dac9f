"""What Excel, LibreOffice and Google Sheets make of a text when they open a CSV file: a number, a date, a time, a truth
value.

Each converts what looks so in the language that its user has set, which nobody here knows: what any of them may convert
counts. English and Japanese are covered, and the months and truth values of the languages of Western Europe.
"""

import re
from functools import cache
from unicodedata import normalize

# In Excel's default column a number of more digits is shown as 1.23E+08, and beyond 15 they all become 0.
_SHOWN_AS_WRITTEN = re.compile(r"0|[1-9][0-9]{0,7}")

_MONTHS = (
    "jan january januar januari janvier janv janeiro jänner jän gennaio gen enero ene"
    " feb february februar februari februarie février févr fév febbraio febrero fevereiro fev feber"
    " mar march märz mär mrz mars marts maart mrt marzo março"
    " apr april avril avr aprile abril abr"
    " may mai mei maj maggio mag mayo maio"
    " jun june juni juin giugno giu junio junho"
    " jul july juli juillet juil luglio lug julio julho"
    " aug august augustus augusti août agosto ago"
    " sep sept september septembre settembre set septiembre setiembre setembro"
    " oct october oktober okt octobre ottobre ott octubre outubro out"
    " nov november novembre noviembre novembro"
    " dec december dezember dez décembre déc dicembre diciembre dic dezembro desember des"
)
_WEEKDAYS = "mon monday tue tuesday wed wednesday thu thursday fri friday sat saturday sun sunday"
_TRUTH_VALUES = "true false wahr falsch vrai faux vero falso verdadero verdadeiro waar onwaar sant falskt sand falsk"

# The quantifiers are possessive or bounded, so that a match takes time linear in the text, whatever the text.
_NUMBER = r"""
    [-+−(]{0,2} [ ]? (?:CURRENCY[ ]?)? [-+−]?
    (?=[.,]?\d)
    (?: \d{1,3}(?:[.,'’ ]\d{3})++ | \d*+(?:,\d*+)*+ )
    (?:[.,]\d*+)? (?:[ ]?e[-+]?\d++)?
    (?:[ ]?%)? (?:[ ]?CURRENCY)? [ ]? [-)]?
"""
_ARITHMETIC = r"[-+−] (?=[^\d]*+\d) [-+−\d().,/ ]++"  # a phone number is a sum to a spreadsheet
_TIME = r"""
    (?: (?:午前|午後)? (?: \d++:\d*+(?::\d*+)?(?:[.,]\d*+)? (?:[ ]?[ap]\.?(?:m\.?)?|[ ]?午前|[ ]?午後|z)?
                        | \d{1,2}[ ]?[ap]m?
                        | \d{1,2}時(?:\d{1,2}分(?:\d{1,2}秒)?)? ) )
"""
_DATE = r"""
    (?: (?:\d{1,4}[ ])? \d{1,4} [ ]?[-/.][ ]? \d{1,4} (?:[ ]?[-/.][ ]?\d{1,4})? \.?
      | (?:(?:WEEKDAY)[.,]{0,2}[ ]?)?
        (?: \d{1,4}BETWEEN(?:MONTH)(?:BETWEEN\d{1,4})? | (?:MONTH)BETWEEN\d{1,4}(?:[-/., ]{1,2}\d{1,4})? )
      | [mtshr]\.?\d{1,2}[-/.]\d{1,2}[-/.]\d{1,2}
      | (?:令和|平成|昭和|大正|明治|[令平昭大明mtshr])? [ ]?(?:\d{1,4}|元)[ ]?年
        (?:[ ]?\d{1,2}[ ]?月(?:[ ]?\d{1,2}[ ]?日)?)?
      | \d{1,2}[ ]?月(?:[ ]?\d{1,2}[ ]?日)? )
"""
_PARTS = {
    "CURRENCY": r"(?:[$¢£¤¥฿₠-⃀]|usd|eur|gbp|jpy|chf|kr\.?|円)",
    "BETWEEN": r"(?:[-/., ]{0,2}|[ ]de[ ])",
    "MONTH": "|".join(_MONTHS.split()),
    "WEEKDAY": "|".join(_WEEKDAYS.split()),
}

_FIRST_WORD = re.compile(r"[A-Za-z]+(?![^\W\d_])")
_FIRST_WORDS = frozenset(f"{_MONTHS} {_WEEKDAYS} {_TRUTH_VALUES} usd eur gbp jpy chf kr m t s h r".split())


def is_converted(text: str) -> bool:
    """Whether a spreadsheet may show something else than the text; in time linear in its length."""
    word = _FIRST_WORD.match(text)
    if word and word[0].lower() not in _FIRST_WORDS:
        return False  # nearly every text: it needs no closer look
    if _SHOWN_AS_WRITTEN.fullmatch(text):
        return False
    # Full-width digits and signs count as plain ones, and spaces around them don't count.
    plain = " ".join(normalize("NFKC", text).casefold().split())
    return _pattern().fullmatch(plain) is not None


@cache
def _pattern() -> re.Pattern[str]:
    # Made when a file is first written, for an alert starts faster without.
    moment = f"{_DATE}(?:[ t]{_TIME})?|{_TIME}(?:[ ]{_DATE})?"
    pattern = f"{_NUMBER}|{_ARITHMETIC}|{moment}|{'|'.join(_TRUTH_VALUES.split())}"
    for name, part in _PARTS.items():
        pattern = pattern.replace(name, part)
    return re.compile(pattern, re.VERBOSE)
