"""The comparisons with other tools: each of our cells leads to a test that is there, each of theirs to a source or to none."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "explanation"
TEST = re.compile(r"\[`(\w+\.py)::(\w+)`\]\(([^)\s]+)\)")
SOURCE = re.compile(r"\[\[(\w+)\]\]\[\1\]")
GIVEN = re.compile(r"^\[(\w+)\]: https://\S+", re.MULTILINE)
OPEN = ("not documented", "–")  # nothing was found; no concern of such a tool


class Page(NamedTuple):
    """A comparison: which tools it is with, and how much it says at least."""

    name: str
    tools: tuple[str, ...]
    features: int
    complaints: int

    @property
    def text(self) -> str:
        return (DOCS / self.name).read_text("utf-8")

    def rows(self, *head: str) -> list[dict[str, str]]:
        """The rows of every table of the page with this head."""
        found, columns = [], None
        for line in self.text.splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else None
            if cells is None:
                columns = None
            elif columns is None:
                columns = cells
            elif columns == list(head) and set(cells) != {"---"}:
                assert len(cells) == len(head), line
                found.append(dict(zip(head, cells, strict=True)))
        return found

    def compared(self) -> list[dict[str, str]]:
        return self.rows("Feature", "Tandem", *self.tools)

    def complained_of(self) -> list[dict[str, str]]:
        return self.rows("Complaint", "Where", "Our test")


PAGES = (
    Page(
        "compared.md",
        tools=("Confluent", "Redpanda Connect", "Airbyte", "Nango", "Hightouch", "HubSpot's own sync"),
        features=50,
        complaints=15,
    ),
    Page(
        "compared-marketplaces.md",
        tools=("AWS's connector", "Tackle", "Suger", "Clazar", "AWS's samples"),
        features=30,
        complaints=8,
    ),
)
each_page = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
LINKS = sorted({found for page in PAGES for found in TEST.findall(page.text)})


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
    path = (DOCS / target).resolve()
    assert path.name == file
    assert path.is_relative_to(ROOT / "tests")
    assert path.is_file(), target
    assert name in names_in(path)


@each_page
def test_every_feature_has_a_test_of_ours(page: Page) -> None:
    assert len(page.compared()) >= page.features
    assert [row["Feature"] for row in page.compared() if not TEST.search(row["Tandem"])] == []


@each_page
def test_every_complaint_has_a_test_of_ours_and_says_where_it_was_made(page: Page) -> None:
    complaints = page.complained_of()
    assert len(complaints) >= page.complaints
    assert [row["Complaint"] for row in complaints if not TEST.search(row["Our test"])] == []
    assert [
        row["Complaint"] for row in complaints if "](http" not in row["Where"] and not SOURCE.search(row["Where"])
    ] == []


@each_page
def test_what_is_said_of_another_tool_has_a_source_or_says_that_there_is_none(page: Page) -> None:
    said = [(row["Feature"], tool, row[tool]) for row in page.compared() for tool in page.tools]
    assert [each for each in said if each[2] not in OPEN and not SOURCE.search(each[2])] == []


@each_page
def test_every_table_of_features_is_one_of_those_that_are_checked(page: Page) -> None:
    heads = set(re.findall(r"^\| (?:Feature|Complaint) \|.*$", page.text, re.MULTILINE))
    tools = " | ".join(page.tools)
    assert heads == {f"| Feature | Tandem | {tools} |", "| Complaint | Where | Our test |"}


@each_page
def test_every_source_that_is_named_is_given_and_every_one_given_is_used(page: Page) -> None:
    body = page.text.split("\n## Sources\n")[0]
    assert set(SOURCE.findall(body)) == set(GIVEN.findall(page.text))
