"""The languages there are."""

from shared.view.english import ENGLISH
from shared.view.japanese import JAPANESE

LANGUAGES = {"en": ENGLISH, "ja": JAPANESE}
