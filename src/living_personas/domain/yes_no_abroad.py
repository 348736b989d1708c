"""Yes and no in other languages: never taken for an answer, only told, so that a source can declare them."""

# ruff: noqa: RUF001 - letters of other alphabets are meant

from __future__ import annotations

from collections.abc import Iterable, Mapping

from living_personas.domain.raw import bare
from living_personas.domain.value import value
from living_personas.domain.yes_no import yes_no

__all__ = ["TwoWords", "two_words"]

_LANGUAGES: Mapping[str, tuple[str, str]] = {
    "German": ("ja", "nein"),
    "French": ("oui", "non"),
    "Spanish": ("sí si", "no"),
    "Italian": ("sì si", "no"),
    "Portuguese": ("sim", "não nao"),
    "Catalan": ("sí", "no"),
    "Dutch": ("ja", "nee"),
    "Swedish": ("ja", "nej"),
    "Danish or Norwegian": ("ja", "nej nei"),
    "Icelandic": ("já", "nei"),
    "Finnish": ("kyllä kylla", "ei"),
    "Estonian": ("jah", "ei"),
    "Latvian": ("jā", "nē"),
    "Lithuanian": ("taip", "ne"),
    "Polish": ("tak", "nie"),
    "Czech": ("ano", "ne"),
    "Slovak": ("áno", "nie"),
    "Slovene": ("da ja", "ne"),
    "Croatian or Serbian": ("da да", "ne не"),
    "Hungarian": ("igen", "nem"),
    "Romanian": ("da", "nu"),
    "Albanian": ("po", "jo"),
    "Turkish": ("evet", "hayır hayir"),
    "Greek": ("ναι", "όχι οχι"),
    "Russian or Bulgarian": ("да", "нет не"),
    "Ukrainian": ("так", "ні"),
    "Hebrew": ("כן", "לא"),
    "Arabic": ("نعم", "لا"),
    "Persian": ("بله", "خیر نه"),
    "Hindi": ("हाँ हां जी", "नहीं नही"),
    "Thai": ("ใช่", "ไม่ ไม่ใช่"),
    "Vietnamese": ("có", "không"),
    "Indonesian or Malay": ("ya", "tidak"),
    "Filipino": ("oo", "hindi"),
    "Swahili": ("ndiyo", "hapana"),
    "Japanese": ("はい 有効 同意する 有", "いいえ 無効 同意しない 無"),
    "Chinese": ("是 同意 有", "否 不同意 不 沒有 没有"),
    "Korean": ("예 네 동의", "아니요 아니오 동의안함"),
    "Welsh": ("ie ydw", "na nac"),
    "Irish": ("tá", "níl"),
    "Basque": ("bai", "ez"),
    "Galician": ("si", "non"),
}
"""The words for yes and for no of each language, in small letters."""


@value
class TwoWords:
    """The words of a column that are a yes and a no in a language: every spelling that was seen."""

    language: str
    yes: tuple[str, ...]
    no: tuple[str, ...]

    @property
    def words(self) -> Mapping[str, str]:
        """What each spelling means, as `words` of a column says it."""
        return dict.fromkeys(self.yes, "yes") | dict.fromkeys(self.no, "no")


def two_words(said: Iterable[object], *, surely: bool = True) -> TwoWords | None:
    """What a column's words are, if they are two, and a yes and a no of one language that nobody reads as they are.

    Without ``surely`` one of the two words is enough: the other then is what the first is not.

    >>> found = two_words(["oui", "Non", "non", "oui"])
    >>> found and (found.language, found.yes, found.no)
    ('French', ('oui',), ('Non', 'non'))
    >>> two_words(["yes", "no"]), two_words(["pro", "free"]), two_words(["ja", "vielleicht", "nein"])
    (None, None, None)
    >>> found = two_words(["да", "-"], surely=False)
    >>> found and found.words
    {'да': 'yes', '-': 'no'}
    """
    spelled: dict[str, list[str]] = {}
    for each in dict.fromkeys(bare(text) for text in said if isinstance(text, str)):
        spelled.setdefault(each.casefold(), []).append(each)
    if len(spelled) != 2 or all(yes_no(word) is not None for word in spelled):
        return None
    one, other = spelled
    for yes, no in ((one, other), (other, one)):
        if yes_no(yes) is False or yes_no(no) is True:
            continue
        if language := _language(yes, no, surely=surely):
            return TwoWords(language=language, yes=tuple(spelled[yes]), no=tuple(spelled[no]))
    return None


def _language(yes: str, no: str, *, surely: bool) -> str:
    """In which language the first is a yes, and the second a no; empty if in none."""
    both = [name for name, (yeses, noes) in _LANGUAGES.items() if yes in yeses.split() and no in noes.split()]
    one = [name for name, (yeses, noes) in _LANGUAGES.items() if yes in yeses.split() or no in noes.split()]
    return next(iter(both if surely else [*both, *one]), "")
