"""The house style, where a machine can hold it: words, lengths, clocks, docstrings."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

SRC = Path(__file__).parent.parent / "src" / "living_personas"
FILES = sorted(SRC.rglob("*.py"))
NAMES = [str(path.relative_to(SRC)) for path in FILES]

FORBIDDEN = {
    "arm", "variant", "variation", "treatment", "reward", "cohort", "audience", "profile", "manager", "handler",
    "helper", "util",
}  # fmt: skip
ALLOWED = {
    "AbstractAsyncContextManager",
    "AbstractContextManager",
    "StreamHandler",
    "StreamableHTTPSessionManager",
    "addHandler",
    "add_exception_handler",
    "cohort",
    "cohorts",
}
"""A column that cells have, and what the standard library, Starlette and the MCP SDK call theirs."""
FOREIGN = {"sources", "channels"}
"""Adapters that speak another product's protocol keep its words."""
CORE = {
    "errors.py", "ports.py", "engine_port.py", "table_port.py", "domain", "stats", "rules", "refining", "deciding",
    "discovery",
}  # fmt: skip

KEEPERS = {"memory", "stores", "testing"}
"""Rooms that touch facts and partitions; all others name what they keep by its declaration."""
PARQUET = {"engines", "stores", "sources", "simulate", "testing", "loop/relations.py"}
"""What opens Parquet; all others are given tables."""

MOST_LINES, MOST_LINES_OF_A_FUNCTION = 400, 40
MOST_SHARED_FILES, MOST_SHARED_CLASSES = 20, 3


def wrong(check: Callable[[str], object], names: Iterable[str] = NAMES) -> dict[str, object]:
    """What a rule has against files, by name: one test a rule, for thousands of tests took half a minute."""
    return {name: found for name in names if (found := check(name))}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(path)))


def identifiers(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Every name that the code gives or uses."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.rpartition(".")[2]


@cache
@cache
def words(identifier: str) -> set[str]:
    """The words of a name, without a plural s.

    >>> sorted(words("ArmManagers_util"))
    ['arm', 'manager', 'util']
    """
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", identifier)
    return {word for part in parts for word in (part.lower(), part.lower().removesuffix("s"))} & FORBIDDEN


def imported(name: str) -> set[str]:
    """What a file imports, by its whole names."""
    nodes = nodes_of(SRC / name)
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return modules | {
        f"{node.module}.{a.name}" for node in nodes if isinstance(node, ast.ImportFrom) for a in node.names
    }


def public(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Public functions and classes, and the public methods of those classes."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def test_one_word_per_concept() -> None:
    def forbidden(name: str) -> set[str]:
        used = (each for each in identifiers(nodes_of(SRC / name)) if each not in ALLOWED)
        return words(Path(name).stem).union(*map(words, used))

    assert wrong(forbidden, (name for name in NAMES if not FOREIGN & set(Path(name).parts))) == {}


def test_the_search_finds_what_it_should() -> None:
    found = set(
        identifiers(ast.walk(ast.parse("class ArmManager:\n    def utils(self, reward): self.best_variant = reward")))
    )
    assert {word for each in found for word in words(each)} == {"arm", "manager", "util", "reward", "variant"}
    assert words("armour") == words("charm") == set()


def test_files_and_functions_are_short() -> None:
    def long(name: str) -> dict[str, int]:
        lengths = {
            node.name: _code_lines(node)
            for node in nodes_of(SRC / name)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        lines = len((SRC / name).read_text(encoding="utf-8").splitlines())
        found = {each: length for each, length in lengths.items() if length > MOST_LINES_OF_A_FUNCTION}
        return found | ({"the file": lines} if lines > MOST_LINES else {})

    assert wrong(long) == {}


def test_the_core_reads_no_clock_and_draws_nothing() -> None:
    """By what it calls, beside what ruff and import-linter forbid to import."""
    banned = {"now", "utcnow", "today", "default_rng", "RandomState", "seed", "urandom", "uuid4", "uuid1", "monotonic"}

    def called(name: str) -> set[str]:
        return banned & {
            node.func.attr
            for node in nodes_of(SRC / name)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }

    assert wrong(called, (name for name in NAMES if Path(name).parts[0] in CORE)) == {}


def test_what_is_public_is_described() -> None:
    def silent(name: str) -> list[str]:
        tree = tree_of(SRC / name)
        nameless = [] if ast.get_docstring(tree) else ["the file"]
        return nameless + [node.name for node in public(tree) if not ast.get_docstring(node)]

    assert wrong(silent) == {}


def test_all_lists_what_there_is() -> None:
    def listed_wrongly(name: str) -> set[str]:
        tree = tree_of(SRC / name)
        listed = [
            ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
        ]
        if len(listed) != 1:
            return {"it has no __all__, or several"}
        return set(listed[0]) - {each for node in tree.body for each in _defined(node)}

    assert wrong(listed_wrongly, (name for name in NAMES if Path(name).name != "__init__.py")) == {}


def test_only_memory_and_stores_touch_facts_and_partitions() -> None:
    def touched(name: str) -> list[str]:
        used = [ast.unparse(node) for node in nodes_of(SRC / name) if isinstance(node, ast.Attribute)]
        return [each for each in used if each.endswith(("store.facts", "store.partitions"))]

    assert wrong(touched, (name for name in NAMES if not {name, Path(name).parts[0]} & KEEPERS)) == {}


def test_only_engines_and_stores_open_parquet() -> None:
    def opened(name: str) -> list[str]:
        return [each for each in imported(name) if each.startswith(("pyarrow.dataset", "pyarrow.parquet"))]

    assert wrong(opened, (name for name in NAMES if not {name, Path(name).parts[0]} & PARQUET)) == {}
    assert opened("loop/relations.py")


def test_no_files_import_each_other() -> None:
    """Also where a function imports."""
    files = {".".join(("living_personas", *Path(name).with_suffix("").parts)): name for name in NAMES}
    of = {name: {file for each in imported(name) for file in (each, each.rpartition(".")[0])} for name in NAMES}
    TopologicalSorter({name: {files[each] for each in of[name] & files.keys()} for name in NAMES}).prepare()


def test_ibis_compiles_and_runs_nothing() -> None:
    def running(name: str) -> list[str]:
        return [each for each in imported(name) if each.startswith("ibis.backends")]

    assert wrong(running) == {}


def test_a_word_has_one_meaning() -> None:
    """Few files of several rooms, and fewer classes, have one name."""
    files, classes = defaultdict(set), defaultdict(set)
    for name in NAMES:
        if Path(name).stem != "__init__" and Path(name).parts[0] != "testing":
            files[Path(name).stem].add(name)
        for node in tree_of(SRC / name).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                classes[node.name].add(name)
    for found, most in ((files, MOST_SHARED_FILES), (classes, MOST_SHARED_CLASSES)):
        shared = {word: sorted(where) for word, where in sorted(found.items()) if len(where) > 1}
        assert len(shared) <= most, "\n".join(f"{word}: {', '.join(where)}" for word, where in shared.items())


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring not counted."""
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    described = ast.get_docstring(node) is not None
    return length - ((first.end_lineno or first.lineno) - first.lineno + 1 if described else 0)


def _defined(node: ast.stmt) -> list[str]:
    """The names that a statement of a module brings into being."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]


def test_sentences_set_names_off_in_one_way() -> None:
    """What people read quotes by ``named``; as Python writes a text, an apostrophe or a joiner looks like a fault."""
    words = [path for path in FILES if path.match("reporting/*_words.py")]
    assert [path.name for path in words if re.search(r"!r\}|\brepr\b", path.read_text())] == []


def test_shares_are_told_in_one_way() -> None:
    """By ``told_number.share_words``: a percentage that a file formats by itself has other digits, or another blank."""

    def formatted(name: str) -> list[str]:
        texts = [node.values for node in nodes_of(SRC / name) if isinstance(node, ast.JoinedStr)]
        pairs = [pair for values in texts for pair in pairwise([*values, ast.Constant("")])]
        return [ast.unparse(one) for one, after in pairs if isinstance(one, ast.FormattedValue) and percent(one, after)]

    def percent(one: ast.FormattedValue, after: ast.expr) -> bool:
        spec = ast.unparse(one.format_spec) if one.format_spec else ""
        return spec.endswith("%'") or (isinstance(after, ast.Constant) and str(after.value).startswith(" %"))

    assert wrong(formatted, (name for name in NAMES if name != "domain/told_number.py")) == {}
    assert len(formatted("domain/told_number.py")) == 4
