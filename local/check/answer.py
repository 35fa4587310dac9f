"""Yes, no, or undecided: what a template says about a question."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from local.check.value import Unknown, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`truth` is None if the template alone doesn't decide; `sources` then has what would, as Unknown calls it."""

    truth: bool | None
    sources: frozenset[str] = frozenset()

    def __invert__(self) -> "Answer":
        return self if self.truth is None else of(not self.truth)

    def __and__(self, other: "Answer") -> "Answer":
        return every([self, other])

    def __or__(self, other: "Answer") -> "Answer":
        return some([self, other])

    def __bool__(self) -> bool:
        raise TypeError("an answer may be undecided: combine answers with &, | and ~, or look at `truth`")


YES, NO = Answer(truth=True), Answer(truth=False)


def of(truth: bool) -> Answer:
    return YES if truth else NO


def undecided(*sources: str) -> Answer:
    return Answer(truth=None, sources=frozenset(sources))


def every(answers: Iterable[Answer]) -> Answer:
    """Whether all are yes."""
    return _joined(answers, decisive=False)


def some(answers: Iterable[Answer]) -> Answer:
    """Whether any is yes."""
    return _joined(answers, decisive=True)


def ask(value: Value, test: Callable[[Any], "bool | Answer"]) -> Answer:
    """What a test says of a value; of an unknown one what it says of all its choices, if that is the same."""
    if not isinstance(value, Unknown):
        said = test(value)
        return said if isinstance(said, Answer) else of(said)
    if value.choices is None:
        return undecided(value.source)
    answers = [ask(choice, test) for choice in value.choices]
    if answers and answers[0].truth is not None and all(one.truth is answers[0].truth for one in answers):
        return answers[0]
    return Answer(truth=None, sources=frozenset({value.source}).union(*(one.sources for one in answers)))


def _joined(answers: Iterable[Answer], *, decisive: bool) -> Answer:
    sources: frozenset[str] = frozenset()
    is_undecided = False
    for answer in answers:
        if answer.truth is decisive:
            return answer
        if answer.truth is None:
            is_undecided = True
            sources |= answer.sources
    return Answer(truth=None, sources=sources) if is_undecided else of(not decisive)
