"""Generated files agree with the code, and name all that they are to name."""

import json
import sys
import tomllib
from importlib.resources import files as files_of
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel
from typer.models import CommandInfo
from typer.testing import CliRunner, Result

from connectors.errors import ConnectorError
from mappings import ownership
from mappings.converters import CONVERTERS
from mappings.loader import load, systems
from schemas.messages import MESSAGES
from streams.lane import Lane
from streams.state import in_memory
from tandem.cli import app
from tandem.errors import NEEDS_A_PERSON
from tandem.generate import __main__ as command
from tandem.generate import configuration, everything, jsonschemas, markdown, stages
from tandem.generate.tree import Tree
from tandem.settings import ConfigError, Connection, Settings, connector, connector_names
from tandem.telemetry import render
from tests.support.memory_log import MemoryBroker, MemoryLog

ROOT = Path(__file__).parents[3]
FILES = {"docs/a.md": "a\n", "json/b.json": "{}\n"}
OWNED = {"json": ".json"}


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return everything.files()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def generate(root: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.setattr(command, "ROOT", root)
    alone = typer.Typer()
    alone.command()(command.main)
    return CliRunner().invoke(alone, arguments)


def test_the_files_in_this_tree_are_up_to_date(files: dict[str, str]) -> None:
    assert Tree(ROOT, files, everything.OWNED).stale() == [], "Remedy: `make generate`"


def test_what_is_generated_is_the_same_every_time(files: dict[str, str]) -> None:
    assert everything.files() == files


def test_a_file_that_is_missing_changed_or_left_over_is_named_and_mended(root: Path) -> None:
    tree = Tree(root, FILES, OWNED)
    assert tree.stale() == ["docs/a.md", "json/b.json"]
    tree.write()
    assert tree.stale() == []
    (root / "docs/a.md").write_text("edited by hand\n")
    (root / "json/old.json").write_text("{}")
    assert tree.stale() == ["docs/a.md", "json/old.json"]
    tree.write()
    assert tree.stale() == []
    assert not (root / "json/old.json").exists()


def test_what_others_keep_beside_generated_files_is_left_alone(root: Path) -> None:
    kept = [root / "docs/by-hand.md", root / "json/README.md", root / "json/released/0.1.0/c.json"]
    for path in kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("kept")
    Tree(root, FILES, OWNED).write()
    assert [path.read_text() for path in kept] == ["kept"] * 3


def test_a_file_that_is_right_is_not_written_again(root: Path) -> None:
    Tree(root, FILES, OWNED).write()
    (root / "docs/a.md").chmod(0o444)
    before = (root / "docs/a.md").stat().st_mtime_ns
    Tree(root, FILES, OWNED).write()
    assert (root / "docs/a.md").stat().st_mtime_ns == before


def test_outside_of_a_source_tree_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no source tree.*Remedy"):
        Tree(tmp_path, FILES, OWNED)


def test_check_says_what_is_out_of_date_and_fails_until_it_is_written(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = generate(root, monkeypatch, "--check")
    assert before.exit_code == 1
    assert "out of date: docs/reference/asyncapi.yaml" in before.output
    assert "make generate" in before.output
    assert generate(root, monkeypatch).exit_code == 0
    after = generate(root, monkeypatch, "--check")
    assert (after.exit_code, after.output) == (0, "everything is up to date\n")


def test_json_is_one_object(root: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> None:
    stale = generate(root, monkeypatch, "--check", "--json")
    assert (stale.exit_code, json.loads(stale.stdout)) == (1, {"stale": sorted(files)})
    assert json.loads(generate(root, monkeypatch, "--json").stdout) == {"written": sorted(files)}


def test_a_release_keeps_its_schemas_and_is_kept_only_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert generate(root, monkeypatch, "--release").exit_code == 0
    [version] = (root / everything.RELEASED).iterdir()
    today, kept = (sorted(path.name for path in folder.glob("*.json")) for folder in (root / "schemas/json", version))
    assert kept == today
    again = generate(root, monkeypatch, "--release")
    assert again.exit_code == NEEDS_A_PERSON
    assert f"{version.name} is there already" in again.output


def test_without_pyyaml_it_says_what_to_install(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    found = generate(root, monkeypatch)
    assert found.exit_code == NEEDS_A_PERSON
    assert "PyYAML is not installed. Remedy: `make setup`" in found.output


def test_check_and_release_exclude_each_other(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert generate(root, monkeypatch, "--check", "--release").exit_code == NEEDS_A_PERSON
    assert list(root.iterdir()) == [root / "pyproject.toml"]


@pytest.mark.parametrize("model", MESSAGES, ids=lambda model: model.TYPE)
def test_each_message_has_a_schema_that_is_named_and_described(model: type[BaseModel], files: dict[str, str]) -> None:
    schema = json.loads(files[f"schemas/json/{model.TYPE}.json"])  # type: ignore[attr-defined]
    assert schema["$id"] == f"urn:tandem:schema:{model.TYPE}"  # type: ignore[attr-defined]
    assert schema["title"] == model.__name__
    assert schema["description"]


def test_a_schema_tells_every_default_even_one_that_is_made_anew_each_time() -> None:
    for name, model in jsonschemas.models().items():
        schema = jsonschemas.schema(name, model)
        silent = [
            key
            for key, it in schema["properties"].items()
            if key not in schema.get("required", ()) and "default" not in it
        ]
        assert silent == []


TABLES = configuration.sections()
SECTIONS = [Settings, *TABLES.values(), Connection, *(connector(name).Settings for name in connector_names())]


def test_the_configuration_page_has_every_table_of_the_file(files: dict[str, str]) -> None:
    tables = [name for name, field in Settings.model_fields.items() if field.annotation not in {str, Path}]
    page = files["docs/reference/configuration.md"]
    assert {"kafka", "streams", "reconcile", "ledger"} <= TABLES.keys()
    assert TABLES.keys() <= set(tables)
    assert all(f"\n## [{name}]\n" in page for name in TABLES)


@pytest.mark.parametrize("model", SECTIONS, ids=lambda model: f"{model.__module__}.{model.__name__}")
def test_the_configuration_page_explains_every_key(model: type[BaseModel], files: dict[str, str]) -> None:
    page = files["docs/reference/configuration.md"]
    for name, field in model.model_fields.items():
        if not field.exclude and not (model is Settings and name in (*TABLES, "connections")):
            assert field.description, f"{model.__name__}.{name} has no description"
            assert f"| `{name}` | {field.description} |" in page


def _called(command: CommandInfo) -> str:
    return command.name or str(getattr(command.callback, "__name__", ""))


def test_the_commands_page_shows_every_command(files: dict[str, str]) -> None:
    page = files["docs/reference/commands.md"]
    groups = {str(group.name): group.typer_instance for group in app.registered_groups}
    names = [_called(each) for each in app.registered_commands]
    names += [f"{name} {_called(each)}" for name, group in groups.items() for each in group.registered_commands]
    assert {"plan", "rule confirm-deletions"} <= set(names)
    for name in (*names, *groups):
        assert f"\n## tandem {name}\n" in page
        assert f"\n| `tandem {name}` | " in page
    assert page.count("\n## tandem ") == len(names) + len(groups)
    assert "| `--config CONFIG`, `-c CONFIG` |" in page
    assert "[bold]" not in page


def test_the_mappings_page_shows_every_field_and_converter(files: dict[str, str]) -> None:
    page = files["docs/reference/mappings.md"]
    for system in systems():
        for table in load(system).values():
            assert f"\n### {system}: {table.entity}\n" in page
            for field in table.fields.values():
                assert f"| `{field.name}` |" in page
                assert f"`{field.vendor}`" in page
    assert all(f"\n| `{name}` |" in page for name in CONVERTERS)


def test_the_mappings_page_says_who_wins_each_field(files: dict[str, str]) -> None:
    _, page = files["docs/reference/mappings.md"].split("\n## Ownership\n")
    for entity, rules in ownership.load().items():
        part = page.split(f"\n### Ownership: {entity}\n")[1].split("\n###")[0]
        assert f"`on_delete`: `{rules.on_delete}`" in part
        for name, rule in rules.fields.items():
            assert (
                f'\n| `{name}` | `{{ owner = "{rule.owner}" }}` |' in part
                or f"\n| `{name}` | `{rule.policy}` |" in part
            )


def test_the_metrics_page_names_what_is_served(files: dict[str, str]) -> None:
    step = stages.steps()[0]
    lane = Lane(step, MemoryLog(MemoryBroker(), step.name, step.topic.name), in_memory)
    served = render([lane]).decode()
    names = {line.split("{")[0] for line in served.splitlines() if line.startswith("tandem_")}
    shown = {line.split("`")[1] for line in files["docs/reference/metrics.md"].splitlines() if line.startswith("| `")}
    assert shown == {name for name in names if not name.endswith("_created")}


def test_the_errors_page_gives_a_remedy_for_every_code(files: dict[str, str]) -> None:
    page = files["docs/reference/errors.md"]
    assert "| `UNABLE_TO_LOCK_ROW` | `retry` | none needed" in page
    for vendor in ("salesforce", "hubspot", "aws"):
        table = tomllib.loads(files_of(f"connectors.{vendor}").joinpath("dispositions.toml").read_text("utf-8"))
        recoveries = {name: codes for name, codes in table.items() if isinstance(codes, dict)}
        assert recoveries
        for recovery, codes in recoveries.items():
            assert all(f"\n| `{code}` | `{recovery}` | {remedy} |" in page for code, remedy in codes.items())
    assert all(f"| `{kind.__name__}` |" in page for kind in ConnectorError.__subclasses__())
    assert "| 78 |" in page


def test_no_row_of_a_table_has_more_cells_than_its_head(files: dict[str, str]) -> None:
    for name, text in files.items():
        for block in text.split("\n\n") if name.endswith(".md") else ():
            rows = [line.replace("\\|", "") for line in block.splitlines() if line.startswith("| ")]
            assert len({row.count("|") for row in rows}) <= 1, f"{name}: {rows[:1]}"


def test_bars_and_line_breaks_do_not_break_a_table() -> None:
    assert markdown.table(["a"], [["x|y\nz"]]).splitlines()[2] == "| x\\|y z |"


def test_values_are_shown_as_toml_reads_them() -> None:
    value = {"a.b": [1, 2.5], "c": True, "d": Path("x") / "y", "e": 'say "hi"'}
    assert markdown.toml(value) == '{ "a.b" = [1, 2.5], c = true, d = "x/y", e = "say \\"hi\\"" }'
