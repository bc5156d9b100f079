"""Every command that the manual gives is one that there is, with arguments and options that it takes."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from tandem.cli import app

ROOT = Path(__file__).parents[3]
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent.name not in {"reference", "decisions"}),
]
Command = Any  # typer keeps its own copy of click, whose types are private


def commands(text: str) -> Iterator[str]:
    """The command lines of the code blocks, without comment, pipe or redirection."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for line in (line for language, block in blocks if not language for line in block.splitlines()):
        given = re.match(r"(?:\.venv/bin/)?tandem (?!\w+:)(.*)", line)
        if given:
            yield re.split(r"\s+#|\s[|>]", given[1], maxsplit=1)[0].strip()


GIVEN = sorted(
    {(page.relative_to(ROOT).as_posix(), line) for page in PAGES for line in commands(page.read_text("utf-8"))}
)


def found(words: list[str]) -> tuple[Command, list[str]]:
    """The command that is named, below its group where it is in one, and the words behind its name."""
    command: Command = get_command(app)
    while hasattr(command, "commands") and words:
        assert words[0] in command.commands, f"there is no command {words[0]!r} in {command.name or 'tandem'}"
        command, words = command.commands[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize(("page", "line"), GIVEN, ids=[f"{page}: {line}" for page, line in GIVEN])
def test_a_command_of_the_manual_can_be_given_as_it_stands_there(page: str, line: str) -> None:
    command, words = found(shlex.split(line))
    assert not hasattr(command, "commands"), "a group alone does nothing"
    context = command.make_context(command.name, words, resilient_parsing=False)
    assert context.params


def test_the_manual_gives_every_command_of_those_who_run_it() -> None:
    given = {" ".join(line.split()[:2]) for _, line in GIVEN} | {line.split()[0] for _, line in GIVEN}
    wanted = {"map", "init", "check", "prepare", "up", "plan", "apply", "source", "status", "trace", "ledger rebuild"}
    wanted |= {"rule link", "rule unlink", "rule confirm-deletions", "rule discard-deletions"}
    wanted |= {"deadletters list", "deadletters show", "deadletters retry", "deadletters discard", "conflicts list"}
    assert wanted - given == set()
