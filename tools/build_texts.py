"""Compile the pages' English texts: ``web.po`` to ``web.mo`` (python tools/build_texts.py; a test says when it is due)."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parents[1] / "src" / "yba" / "web" / "locale" / "en" / "LC_MESSAGES"


def main() -> None:
    """Compile."""
    with (FOLDER / "web.po").open("rb") as source:
        catalogue = read_po(source, locale="en")
    with (FOLDER / "web.mo").open("wb") as target:
        write_mo(target, catalogue)
    print(f"{len(catalogue)} texts")


if __name__ == "__main__":
    main()
