"""The reference page of the command line, from the commands themselves; it never runs one."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from tandem.cli import app
from tandem.generate.markdown import code, codes, table
from tandem.generate.markdown import page as a_page

# Typer keeps its own copy of click, whose types are private: parameters are read by attribute.
Parameter = Any
Command = Any


def page() -> str:
    """`tandem` itself, then each command; those of a group stand behind it."""
    root = get_command(app)
    commands = dict(_under(root))
    return a_page(
        "Commands",
        "`tandem/cli.py` and the `command.py` of each part",
        _words(root.help),
        table(("Command", "What it does"), [(code(f"tandem {name}"), _first(it)) for name, it in commands.items()]),
        "Every command ends with one of the [exit codes](errors.md#exit-codes).",
        "## tandem",
        _options(root),
        *(block for name, command in commands.items() for block in _command(name, command)),
    )


def _under(group: Command, head: str = "") -> Iterator[tuple[str, Command]]:
    """Every command below a group by its whole name, a group before what is in it."""
    for name, command in getattr(group, "commands", {}).items():
        if not command.hidden:
            yield f"{head}{name}", command
            yield from _under(command, f"{head}{name} ")


def _command(name: str, command: Command) -> list[str]:
    rest = ["COMMAND"] if hasattr(command, "commands") else [_argument(each) for each in _arguments(command)]
    usage = " ".join(["tandem", name, "[OPTIONS]", *rest])
    blocks = [f"## tandem {name}", f"```\n{usage}\n```", _words(command.help), _options(command)]
    return [block for block in blocks if block]


def _arguments(command: Command) -> list[Parameter]:
    return [each for each in command.params if each.param_type_name == "argument"]


def _argument(parameter: Parameter) -> str:
    name = str(parameter.metavar or parameter.name).upper()
    many = "..." if parameter.nargs == -1 else ""
    return f"{name}{many}" if parameter.required else f"[{name}]{many}"


def _options(command: Command) -> str:
    shown = [each for each in command.params if not each.hidden]
    rows = [(_names(each), (each.help or "").strip(), _default(each), code(each.envvar or "")) for each in shown]
    rows.append((code("--help"), "Show what the command takes and exit.", "", ""))
    return table(("Argument or option", "Meaning", "Default", "Environment"), rows)


def _names(parameter: Parameter) -> str:
    if parameter.param_type_name == "argument":
        return code(_argument(parameter))
    value = "" if parameter.is_flag or parameter.count else f" {str(parameter.metavar or parameter.name).upper()}"
    return codes([*(f"{name}{value}" for name in parameter.opts), *parameter.secondary_opts])


def _default(parameter: Parameter) -> str:
    if parameter.required:
        return "**required**"
    if parameter.default is None or parameter.default is False:
        return ""
    return code(parameter.default)


def _first(command: Command) -> str:
    return _words(command.help).split("\n\n", maxsplit=1)[0]


def _words(text: str | None) -> str:
    """The help without the markup that Typer prints in colour."""
    plain = re.sub(r"\[/?(?:bold|dim|italic|code)\]", "`", inspect.cleandoc(text or ""))
    return plain.replace("\f", "")
