"""Files of sums are told as what they are, with what decides from them; a row of one customer is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shop import Typed

BY_MEAN = "experiment;variant;count_c;mean_c;variance_c\n1;A;1000;0,10;0,09\n1;B;1020;0,12;0,1\n"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("headline,impressions,clicks\nA,3052,150\nB,3033,122\n", "(`n` = impressions, `s` = clicks;"),
        ("Day;Ad name;Impressions;Clicks (all)\n1;A;3.052;150\n2;B;3.033;1.122\n", "`s` = Clicks (all);"),
        ("variant,totalUsers,conversions\nA,10,1\nB,9,0\n", "(`n` = totalUsers, `s` = conversions;"),
        (BY_MEAN, "`sum` = count_c * mean_c, `sum_sq` = count_c * (variance_c + mean_c\N{SUPERSCRIPT TWO});"),
        ("arm,users,mean,sd\nA,10,0.1,0.3\n", "`sum_sq` = users * (sd\N{SUPERSCRIPT TWO} + mean"),
    ],
)
def test_sums_are_told_with_what_decides_from_them(text: str, columns: str, tmp_path: Path, personas: Typed) -> None:
    file, root = tmp_path / "sums.csv", tmp_path / "new"
    file.write_text(text)
    begun = personas("init", root, "--from", file)
    asked = [personas(name, file, "--workspace", root) for name in ("ingest", "check")]
    for said in (begun.out, *(answer.err for answer in asked)):
        assert "`lp.refine_cells`" in said
        assert columns in said
    assert [answer.code for answer in (begun, *asked)] == [0, 1, 1]


@pytest.mark.parametrize(
    "text",
    [
        "customer_id,visits,orders\n1,5,2\n",
        "mail,sent,clicks\na@example.com,5,2\n",
        "E-Mail,sent,clicks\nx,5,2\n",
        "kunde,sent,clicks\na@example.com,5,2\n",
        "UserId,sessions,purchases\n1,5,2\n",
        "name,impressions,clicks\nA,few,2\n",
        "name,impressions,clicks\nA,2,3\n",
    ],
)
def test_rows_of_single_customers_are_none(text: str, tmp_path: Path, personas: Typed) -> None:
    (tmp_path / "rows.csv").write_text(text)
    assert "refine_cells" not in personas("init", tmp_path / "new", "--from", tmp_path / "rows.csv").out
