"""The edge reads an id as the service does: the same text, nobody, or none that could be an id."""

from __future__ import annotations

import json
import subprocess
from itertools import product
from pathlib import Path

from edge.test_vectors import STATIC, needs_node
from living_personas.domain.customer_id import NOBODY, optional_id
from living_personas.errors import BadValueError

ODD = (
    "u1", " u1\u200b", "007", "'007", "'+49 30", "'x", '="0012"', "Ann <ann@example.com>", "<ann@example.com>",
    "a < b >", "17.0", "17,00", "17,000", "1.000", "-0.0", "1.5", "9007199254740993.0", "1.23E+11", "1,5e3",
    "{{user_id}}", "${id}", "%%id%%", "*|EMAIL|*", "[[id]]", "<%= id %>", "%id%", "%", "0" * 41, "a\0b", "x" * 513,
    "e\u0301", "GUEST", "No User", "'0000", "'guest'", "=guest",
)  # fmt: skip
AROUND = ("{}", " {} ", "({})", "[{}]", "<{}>", '"{}"', "{}1")


def service(said: str) -> str | None:
    try:
        return optional_id(said)
    except BadValueError:
        return None


@needs_node
def test_every_id_is_the_same_to_both(tmp_path: Path) -> None:
    said = [*ODD, *(around.format(word) for around, word in product(AROUND, sorted(NOBODY)))]
    built = (STATIC / "living-personas-openfeature-server.mjs").read_text(encoding="utf-8")
    of_ids = built.partition("// openfeature/ids.ts\n")[2].partition("\n// openfeature/")[0]
    asking = 'import { readFileSync } from "node:fs";\nconst said = JSON.parse(readFileSync(0, "utf8"));\n'
    told = "(each) => { const id = customerId(each); return id === undefined ? '' : id; }"
    program = tmp_path / "ids.mjs"
    program.write_text(f"{asking}{of_ids}\nconsole.log(JSON.stringify(said.map({told})));\n", encoding="utf-8")
    answered = subprocess.run(
        ["node", str(program)], input=json.dumps(said), capture_output=True, text=True, check=True, timeout=60
    )
    edge = dict(zip(said, json.loads(answered.stdout), strict=True))
    assert {id_: (found, service(id_)) for id_, found in edge.items() if found != service(id_)} == {}
