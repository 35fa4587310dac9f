"""Where lines of Japanese and English may end. It needs nothing but Python."""

import re
import unicodedata

# A word of ASCII or a single character, with what may not stand apart from it: brackets, what ends a sentence, and the
# character behind a word and a blank, as in "2 日".
_PIECE = re.compile(r"[（「]*(?:[!-~]+(?: (?=[ぁ-んァ-ヶ一-龥]).)?|.)[、。）」ー…]*", re.DOTALL)


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes: a Japanese character two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def line_spans(text: str, columns: int) -> list[tuple[int, int]]:
    """The lines of a text, none wider than so many columns, as the places where each begins and ends."""
    spans: list[tuple[int, int]] = []
    start = end = 0
    for piece in _PIECE.finditer(text):
        if columns_of(text[start : piece.end()].rstrip()) > columns and end > start:
            spans.append((start, end))
            start = piece.end() if piece[0] == " " else piece.start()
        while columns_of(text[start : piece.end()]) > columns and len(piece[0]) > columns:
            spans.append((start, start + columns))  # a word longer than a line
            start += columns
        end = piece.end()
    return [*spans, (start, end)] if end > start or not spans else spans
