"""What the panel says, in the language of its reader. Problems come in English, as errors say them."""

from dataclasses import dataclass

from local.stack.outcome import Outcome
from local.words import in_japanese
from shared.alert.why import Why
from shared.view.language import LANGUAGES


@dataclass(frozen=True, slots=True)
class Sentences:
    """Tells reasons in a language, "en" or "ja"."""

    language: str

    def why(self, why: Why) -> str:
        """Why an event is told of, or not."""
        return LANGUAGES[self.language].explain(why)

    def fate(self, outcome: Outcome) -> str:
        """Why an event came to its end."""
        return self.why(outcome.decided_by) if outcome.decided_by else self.reason(outcome.why)

    def reason(self, text: str) -> str:
        """The reason in the reader's language; as it is if that knows no word for it."""
        return in_japanese(text) if self.language == "ja" else text

    def unreadable(self, reason: str) -> str:
        """Why a text that was pasted can't be read."""
        if self.language == "ja":
            return f"{self.reason(reason)}。"
        return f"What you pasted {reason}."
