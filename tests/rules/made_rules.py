"""Rules of every form, and loose values that are hard to read: what is asked of each reader of the language."""

from __future__ import annotations

from hypothesis import strategies as st

NUMBERS = ["n1", "n2", "n3"]
TEXTS = ["t1", "t2", '"Üb er""n"']
BOOLEANS = ["b1", "b2"]
NAMES = [name.strip('"').replace('""', '"') for name in (*NUMBERS, *TEXTS, *BOOLEANS)]

# fmt: off
NUMBER_WORDS = [
    "0", "-0", "1", "2", "3", "-1", "0.1", ".5", "5.", "1e3", "-2.5E-1", "1e308", "-1.7e308", "1e-308", "5e-324",
    "1e400", "9007199254740993", "+7", "nan", "inf", "x", "0x1", "1_0", " 4 ", "4\n", "\t4", "", "\uff11", "1e", "--1",
]
TEXT_WORDS = [
    "", "a", "b", "ab", "aab", "A", "Ab", "é", "e\u0301", "z", "%", "a%b", "a_b", "a\\b", "50% off", "\u0130",
    "\u0391\u03a3", "ß", "a\nb", "\U0001f600", "\uffff", "NL", "nl", "it's", "a^b", "1", "true", "null", " a ", "bb",
    "ba", "aabb", "abab",
]
BOOLEAN_WORDS = ["true", "false", "TRUE", "False", "1", "0", "1.0", "0.0", "", "yes", " true ", "2", "t"]
# fmt: on


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


number_literals = st.sampled_from(["0", "1", "2", "3", "0.1", ".5", "5.", "1e3", "2.5e-1", "1e308", "9007199254740993"])
text_literals = st.sampled_from([quoted(text) for text in TEXT_WORDS if "\n" not in text])
patterns = st.text(alphabet="ab%_\\é^", max_size=6).map(quoted)
escaped_patterns = st.lists(st.sampled_from(["!%", "!_", "!!", "%", "_", "a", "b", "\\", "^"]), max_size=6).map(
    lambda parts: f"{quoted(''.join(parts))} escape '!'"
) | st.sampled_from(["'%!%%' escape '!'", "'a!_b' escape '!'", "'%^^%' escape '^'"])
comparisons = st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="])


@st.composite
def numbers(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0:
        return draw(st.sampled_from(NUMBERS) | number_literals)
    inner = numbers(depth - 1)
    form = draw(st.integers(0, 9))
    if form <= 1:
        return draw(inner)
    if form <= 4:
        parts = [
            draw(inner if i == 0 else inner.filter(lambda text: text not in ("0", "- 0")))
            for i in range(draw(st.integers(2, 4)))
        ]
        return "(" + "".join(f"{part} {draw(st.sampled_from('+-*/'))} " for part in parts[:-1]) + f"{parts[-1]})"
    if form == 5:
        return f"- {draw(inner)}"
    if form == 6:
        return f"length({draw(texts(depth - 1))})"
    function = draw(st.sampled_from(["abs", "coalesce", "least", "greatest"]))
    count = 1 if function == "abs" else draw(st.integers(2, 3))
    return f"{function}({', '.join(draw(inner) for _ in range(count))})"


@st.composite
def texts(draw: st.DrawFn, depth: int = 2) -> str:
    if depth == 0:
        return draw(st.sampled_from(TEXTS) | text_literals)
    inner = texts(depth - 1)
    form = draw(st.integers(0, 4))
    if form <= 1:
        return draw(inner)
    if form == 2:
        return f"lower({draw(inner)})"
    return f"coalesce({draw(inner)}, {draw(inner)})"


@st.composite
def predicates(draw: st.DrawFn) -> str:
    value, literal = draw(
        st.sampled_from(
            [(numbers(2), number_literals | number_literals.map(lambda text: f"-{text}")), (texts(2), text_literals)]
        )
    )
    opposite = draw(st.sampled_from(["", "not "]))
    forms = [
        *[st.tuples(value, comparisons, value).map(" ".join)] * 4,
        st.tuples(value, value, value).map(lambda three: f"{three[0]} {opposite}between {three[1]} and {three[2]}"),
        st.tuples(value, st.lists(literal, min_size=1, max_size=4).map(", ".join)).map(
            lambda two: f"{two[0]} {opposite}in ({two[1]})"
        ),
        *[st.tuples(texts(1), patterns | escaped_patterns).map(f" {opposite}like ".join)] * 2,
        value.map(lambda one: f"{one} is {opposite}null"),
        st.sampled_from(BOOLEANS),
    ]
    return draw(draw(st.sampled_from(forms)))


def rules(depth: int = 3) -> st.SearchStrategy[str]:
    if depth == 0:
        return predicates()
    inner = rules(depth - 1)
    endings = st.sampled_from(["true", "false", "not true", "not false", "null", "not null"])
    joined = st.tuples(st.sampled_from([" and ", " or "]), st.lists(inner, min_size=2, max_size=3))
    several = joined.map(lambda two: f"({two[0].join(two[1])})")
    return st.one_of(
        predicates(),
        several,
        several,
        inner.map(lambda one: f"not {one}"),
        st.tuples(inner, endings).map(lambda two: f"({two[0]}) is {two[1]}"),
        st.tuples(inner, comparisons, inner).map(lambda three: f"({three[0]}) {three[1]} ({three[2]})"),
        st.tuples(inner, inner).map(lambda two: f"coalesce({two[0]}, {two[1]})"),
        inner.map(lambda one: f"null or {one}"),
        st.sampled_from(["true", "false"]),
    )
