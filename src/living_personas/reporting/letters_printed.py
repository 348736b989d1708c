"""Letters that no font of this machine has: a PDF prints boxes for them, and whoever makes it has to know."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from living_personas.extras import extra_module

__all__ = ["boxes_words"]

_PAGE = b'#set document(date: none, title: "letters")\n#set text(font: "Libertinus Serif")\n#sys.inputs.letters'
_MISSING = re.compile(r'the text `"(.+?)"` could not be displayed')
_FONTS = {
    "CJK": "fonts-noto-cjk",
    "HIRAGANA": "fonts-noto-cjk",
    "KATAKANA": "fonts-noto-cjk",
    "HANGUL": "fonts-noto-cjk",
}
_OTHERWISE = "fonts-noto-core"
_LATIN = 0x250
"""Letters up to it are in the font that comes with the program."""


def boxes_words(text: str) -> str:
    """Which letters of a text no font has, and what to install; empty where all can be printed.

    Raises
    ------
    MissingExtraError
        If the extra ``pdf`` is not installed.
    """
    missing = dict(_without_font(text))
    if not missing:
        return ""
    such = ", ".join(f"{letter} ({script})" for script, letter in missing.items())
    fonts = " ".join(dict.fromkeys(_FONTS.get(script, _OTHERWISE) for script in missing))
    return (
        f"no font of this machine has letters such as {such}: they are boxes in the PDF. Install one that has them "
        f"(Debian, Ubuntu: {fonts}) and make it again, or use --format html, which is shown in the reader's fonts"
    )


def _without_font(text: str) -> Iterator[tuple[str, str]]:
    """Scripts that have no font, each with the first letter that shows it; of each script one letter is enough."""
    left = {letter: _script(letter) for letter in dict.fromkeys(text) if _is_letter(letter)}
    while left:
        refused = _refused(" ".join(left))
        if not refused:
            return
        script = left.get(refused[0], "")
        yield script or _script(refused[0]), refused[0]
        left = {letter: other for letter, other in left.items() if other != script and letter != refused[0]}


def _refused(letters: str) -> str:
    """The first of some letters that cannot be printed: a PDF for archives may hold no boxes, and is refused."""
    typst = extra_module("typst", extra="pdf", what="A PDF needs")
    try:
        typst.compile(_PAGE, format="pdf", pdf_standards="a-2b", sys_inputs={"letters": letters})
    except typst.TypstError as error:
        found = _MISSING.search(str(error))
        return found[1] if found else ""
    return ""


def _is_letter(letter: str) -> bool:
    return ord(letter) >= _LATIN and letter.isprintable() and unicodedata.category(letter)[0] not in "MCZ"


def _script(letter: str) -> str:
    """The first word of a letter's name: CJK, ARABIC, DEVANAGARI."""
    return unicodedata.name(letter, "unknown").split()[0].partition("-")[0]
