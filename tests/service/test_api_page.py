"""The page of the routes says what the OpenAPI says, loads nothing and runs nothing."""

from __future__ import annotations

import html
import re

from service.shop import Served


def test_every_route_parameter_and_answer_is_on_the_page(served: Served) -> None:
    schema = served.client.get("/openapi.json").json()
    page = served.client.get("/docs")
    assert page.status_code == 200
    said = html.unescape(page.text)
    operations = [(method.upper(), path, of) for path, by in schema["paths"].items() for method, of in by.items()]
    assert len(re.findall(r"<h3>\S+ \S+</h3>", said)) == len(operations) > 20
    for method, path, of in operations:
        assert f"<h3>{method} {path}</h3>" in said
        assert of["description"] in said
        assert all(f"<code>{each['name']}</code>" in said for each in of.get("parameters", []))
        assert all(f"<td>{status}</td>" in said for status in of["responses"])


def test_the_page_needs_no_key_and_runs_nothing(served: Served) -> None:
    page = served.client.get("/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r"<script|\son\w+=|src=|href=\"(?!openapi.json)", page.text)


def test_who_asks_for_a_route_that_is_not_there_is_told_of_the_page(served: Served) -> None:
    answer = served.client.get("/v1/nowhere")
    assert answer.status_code == 404
    assert "/docs" in answer.text
