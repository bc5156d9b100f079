"""The comparison with other tools: each of our cells leads to a test that is there, each of theirs to a source or to none."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "compared.md"
TEST = re.compile(r"\[`(\w+\.py)::(\w+)`\]\(([^)\s]+)\)")
SOURCE = re.compile(r"\[\[(\w+)\]\]\[\1\]")
OPEN = ("not documented", "–")  # nothing was found; no concern of such a tool
TOOLS = ["Confluent", "Redpanda Connect", "Airbyte", "Nango", "Hightouch", "HubSpot's own sync"]


def rows(head: list[str]) -> list[dict[str, str]]:
    """The rows of every table of the page with this head."""
    found, columns = [], None
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else None
        if cells is None:
            columns = None
        elif columns is None:
            columns = cells
        elif columns == head and set(cells) != {"---"}:
            assert len(cells) == len(head), line
            found.append(dict(zip(head, cells, strict=True)))
    return found


FEATURES = rows(["Feature", "Tandem", *TOOLS])
COMPLAINTS = rows(["Complaint", "Where", "Our test"])
LINKS = sorted(set(TEST.findall(PAGE.read_text("utf-8"))))


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a test can be called by: functions, methods and classes, and classes that a state machine makes."""
    tree = ast.parse(path.read_text("utf-8"))
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    made = {
        name.id for node in tree.body if isinstance(node, ast.Assign) for name in node.targets if type(name) is ast.Name
    }
    return frozenset(name for name in defined | made if name.lower().startswith("test"))


@pytest.mark.parametrize(("file", "name", "target"), LINKS, ids=[f"{file}::{name}" for file, name, _ in LINKS])
def test_a_linked_test_is_where_the_link_leads(file: str, name: str, target: str) -> None:
    path = (PAGE.parent / target).resolve()
    assert path.name == file
    assert path.is_relative_to(ROOT / "tests")
    assert path.is_file(), target
    assert name in names_in(path)


def test_every_feature_has_a_test_of_ours() -> None:
    assert len(FEATURES) > 50
    assert [row["Feature"] for row in FEATURES if not TEST.search(row["Tandem"])] == []


def test_every_complaint_has_a_test_of_ours_and_says_where_it_was_made() -> None:
    assert len(COMPLAINTS) > 15
    assert [row["Complaint"] for row in COMPLAINTS if not TEST.search(row["Our test"])] == []
    assert [
        row["Complaint"] for row in COMPLAINTS if "](http" not in row["Where"] and not SOURCE.search(row["Where"])
    ] == []


def test_what_is_said_of_another_tool_has_a_source_or_says_that_there_is_none() -> None:
    said = [(row["Feature"], tool, row[tool]) for row in FEATURES for tool in TOOLS]
    assert [each for each in said if each[2] not in OPEN and not SOURCE.search(each[2])] == []


def test_every_source_that_is_named_is_given_and_every_one_given_is_used() -> None:
    text = PAGE.read_text("utf-8")
    given = set(re.findall(r"^\[(\w+)\]: https://\S+", text, re.MULTILINE))
    body = text.split("\n## Sources\n")[0]
    assert set(SOURCE.findall(body)) == given
