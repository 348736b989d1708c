"""What to write instead of what the rule language leaves out."""

from __future__ import annotations

__all__ = ["CHARACTER_HINTS", "REFUSED_HINTS", "RESERVED", "WORD_HINTS"]

# fmt: off
RESERVED = frozenset({
    "all", "and", "any", "as", "asc", "between", "case", "cast", "collate", "desc", "distinct", "else", "end",
    "escape", "except", "exists", "filter", "from", "glob", "having", "ilike", "in", "intersect", "interval",
    "is", "like", "not", "or", "over", "qualify", "regexp", "rlike", "select", "similar", "some", "then",
    "try_cast", "union", "using", "when", "where", "with",
})
# fmt: on
"""Words that cannot be bare column names: they are the language's own, or what people try from SQL at large."""

_PLAIN = "subqueries and statements are not allowed; declare a feature, and name it here."
_CAST = "casts are not allowed; a column's kind follows from its use."
_LIKE = "write `like` with the wildcards % and _; for any case, lower(column) like 'text%'."
_TOTAL = "a rule is about one customer; declare a feature with this aggregate, and name it here."
_BIND = "bind parameters are not allowed; write the value itself."

WORD_HINTS = {
    "avg": _TOTAL,
    "case": "write the cases with and, or, not.",
    "cast": _CAST,
    "count": _TOTAL,
    "exists": _PLAIN,
    "glob": _LIKE,
    "ilike": _LIKE,
    "max": _TOTAL,
    "min": _TOTAL,
    "nullif": "it is for features; in a rule, dividing by zero gives NULL without it.",
    "over": "windows are not allowed; declare a feature, and name it here.",
    "regexp": _LIKE,
    "rlike": _LIKE,
    "select": _PLAIN,
    "similar": _LIKE,
    "sum": _TOTAL,
    "try_cast": _CAST,
    "upper": "compare lower(...) with a text in lower case: databases disagree about upper('ß').",
    "with": _PLAIN,
}

REFUSED_HINTS = {
    "--": "comments are not allowed; put a space between two minus signs.",
    "/*": "comments are not allowed here; write them in the file, after a #.",
    "*/": "comments are not allowed here; write them in the file, after a #.",
    "==": "equality is one sign: `=`.",
    "&&": "write `and`.",
    "||": "write `or`; texts cannot be joined in a rule.",
    "::": _CAST,
    "->": "lambdas and JSON paths are not allowed; name a column.",
    "=>": "named arguments are not allowed; 'at least' is written `>=`.",
}

CHARACTER_HINTS = {
    ";": "a rule is one expression; nothing may follow it.",
    "?": _BIND,
    "$": _BIND,
    ":": _BIND,
    "@": _BIND,
    "#": "comments are not allowed here; write them in the file, on a line of their own.",
    "'": "a text ends with a single quote on the same line; a quote inside it is doubled: 'it''s'.",
    '"': "a quoted column name ends with a double quote on the same line and is not empty.",
    "`": 'a column name with special characters is written in double quotes: "my column".',
    "[": "lists are written in parentheses: country in ('NL', 'BE').",
    "]": "lists are written in parentheses: country in ('NL', 'BE').",
    ".": 'a column name with a dot is written in double quotes: "plan.name".',
    "{": "a rule is plain text, without templates.",
    "}": "a rule is plain text, without templates.",
    "%": "the remainder is not on the list; as a wildcard, % stands inside a like pattern.",
    "|": "write `or`.",
    "&": "write `and`.",
    "!": "write `not`.",
}
