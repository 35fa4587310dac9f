"""The documentation, as tests read it: README, and in docs/ a page a subject, all in English and Japanese."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "ja")
README = "README"


def subjects(language: str) -> list[str]:
    """What a language has a page about, README first."""
    return [README, *sorted(file.stem for file in (ROOT / "docs" / language).iterdir())]


def path_of(language: str, subject: str) -> Path:
    if subject == README:
        return ROOT / ("README.md" if language == "en" else f"README.{language}.md")
    return ROOT / "docs" / language / f"{subject}.md"


def page(language: str, subject: str) -> str:
    return path_of(language, subject).read_text(encoding="utf-8")


def whole_book(language: str) -> str:
    return "\n".join(page(language, subject) for subject in subjects(language))


def code_blocks(text: str, kind: str = "") -> list[str]:
    """The content of the fenced blocks of a kind, such as sh; of those without one by default."""
    blocks = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [content for found, content in blocks if found == kind]


def prose(text: str) -> str:
    """A page without its code blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def links(text: str) -> list[str]:
    """Where the links and pictures of a page lead, as far as that is in this repository."""
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", prose(text)) if "://" not in link]


def anchors(text: str) -> list[str]:
    """The headings of a page as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def is_shown_in(output: str, block: str) -> bool:
    """Whether a block shows what an output says; "…" stands for what it leaves out, of a line or of lines."""
    lines = [
        r"(?:.*\n)*?" if line.strip() == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in block.rstrip("\n").split("\n")
    ]
    return re.search("^" + "".join(lines), f"{output}\n", re.MULTILINE) is not None
