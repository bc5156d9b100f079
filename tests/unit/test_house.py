"""Sentences about the house: sizes, words, lock files, tasks, links. They read files; one starts an interpreter."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PRODUCT = ("schemas", "mappings", "connectors", "streams", "tandem")
MAX_LINES = 320
RUNS_NOTHING = {"help", "setup", "clean"}  # tasks that start no program which could take an argument
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
IMPORT_ALL = """
import importlib, os, pkgutil, sys, threading

def is_open(fd):
    try:
        os.fstat(fd)
    except OSError:  # the one with which the folder was listed
        return False
    return True

def all_open():
    return {fd for fd in map(int, os.listdir("/dev/fd")) if is_open(fd)}

before = all_open()
names = []
for package in sys.argv[1:]:
    found = pkgutil.walk_packages([package], package + ".")
    names += [package, *(each.name for each in found if not each.name.endswith("__main__"))]
for name in names:
    importlib.import_module(name)
print(len(names), [thread.name for thread in threading.enumerate()], sorted(all_open() - before))
"""


def product_files() -> list[Path]:
    return [path for package in PRODUCT for path in sorted((ROOT / package).rglob("*.py"))]


def repository_files() -> list[Path]:
    """What is in the repository, or about to be."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("NOT CHECKED: this is no git checkout, or there is no git")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in sorted(set(listed.split("\0"))) if name]


def text_of(path: Path) -> str:
    """A file's text, or where a link points to; empty for what is no text or is gone."""
    if path.is_symlink():
        return os.readlink(path)
    try:
        return path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return ""


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def found_in_repository(pattern: str) -> list[str]:
    return [
        f"{named(path)}:{number}"
        for path in repository_files()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if re.search(pattern, line)
    ]


def targets() -> dict[str, tuple[str, str, str]]:
    """Each task of the Makefile: its prerequisites, its line of help, its recipe."""
    rule = re.compile(r"^([a-z-]+):(?!=)([^\n#]*)(?:## (.*)|#.*)?\n((?:\t.*\n?)*)", re.MULTILINE)
    return {name: (needs.strip(), text or "", recipe) for name, needs, text, recipe in rule.findall(MAKEFILE)}


def test_every_file_of_the_product_can_be_read_in_one_sitting():
    written = [path for path in product_files() if "_pb2" not in path.name]  # those are made from a .proto
    sizes = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in written}
    assert {name: size for name, size in sizes.items() if size > MAX_LINES} == {}


def test_every_module_says_what_it_is_for():
    trees = {named(path): ast.parse(path.read_text(encoding="utf-8")) for path in product_files()}
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_nothing_is_left_to_do_in_a_comment():
    assert found_in_repository(r"\b(TO" + r"DO|FIX" + r"ME)\b") == []


def test_no_file_knows_the_machine_it_was_written_on():
    assert found_in_repository(r"(?<![\w.])/(wo" + r"rk|ro" + r"ot)/|(?<![\w.])/tmp" + r"/h\b") == []


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_readme_names_the_two_commands_of_a_fresh_machine_and_they_exist(command: str):
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command.removeprefix("make ") in targets()


@pytest.mark.parametrize("name", sorted(targets()))
def test_a_task_has_a_line_of_help_and_passes_arguments_on(name: str):
    needs, text, recipe = targets()[name]
    assert text, f"make {name} has no '## help'"
    recipes = recipe + "".join(re.findall(rf"^{re.escape(needs)}:.*\n((?:\t.*\n?)*)", MAKEFILE, re.MULTILINE))
    assert name in RUNS_NOTHING or "$(ARGS)" in recipes


def test_every_phony_task_is_there():
    phony = re.findall(r"^\.PHONY: (.*)", MAKEFILE, re.MULTILINE)[0].split()
    assert sorted(set(phony) - set(targets())) == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-rivals.lock"])
def test_a_lock_file_names_versions_and_hashes_and_no_place_to_get_them_from(name: str):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if not line.startswith(" ")]
    assert [line for line in lines if "://" in line or line.startswith("-")] == []
    assert [line for line in pinned if not re.match(r"[A-Za-z0-9._-]+(\[[^]]+\])?==\S+ (;.*)?\\$", line)] == []


def test_the_lock_files_hold_every_dependency_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = project["project"]["dependencies"]
    groups = project["dependency-groups"]
    for name, wanted in {
        "requirements.lock": runtime,
        "requirements-dev.lock": [*runtime, *groups["dev"]],
        "requirements-rivals.lock": [*runtime, *groups["dev"], *groups["rivals"]],
    }.items():
        locked = {line.split("==")[0].lower() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()}
        direct = {re.split(r"[\[<>=~! ;]", each)[0].lower().replace("_", "-") for each in wanted}
        assert sorted(direct - locked) == [], f"not in {name}: make lock"


def test_importing_the_product_starts_no_thread_and_opens_no_file():
    command = [sys.executable, "-W", "ignore", "-c", IMPORT_ALL, *PRODUCT]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    count, _, rest = ended.stdout.partition(" ")
    assert int(count) > len(PRODUCT)
    assert rest.strip() == "['MainThread'] []"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_link_within_the_repository_leads_somewhere(page: Path):
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", prose) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []


def test_the_site_shows_every_page_that_is_written_and_none_that_is_not():
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))

    def pages(nav: object) -> list[str]:
        if isinstance(nav, dict):
            nav = list(nav.values())
        return [nav] if isinstance(nav, str) else [page for each in nav for page in pages(each)]

    docs = ROOT / "docs"
    assert sorted(pages(site["nav"])) == sorted(path.relative_to(docs).as_posix() for path in docs.rglob("*.md"))
