"""How the one list of a command is read, as options; it reads nothing."""

from typing import Annotated, Optional

import typer

GUESSED = "guessed"

Columns = Annotated[
    Optional[list[str]],
    typer.Option("--list-column", metavar="FIELD=COLUMN", help="A column, as name=Company. Repeatable."),
]
Encoding = Annotated[str, typer.Option("--list-encoding", metavar="NAME", help="As Python names it, often cp1252.")]
Delimiter = Annotated[
    Optional[str], typer.Option("--list-delimiter", metavar="CHAR", help="Of a CSV.", show_default="guessed")
]
SheetName = Annotated[
    Optional[str], typer.Option("--list-sheet", metavar="NAME", help="Of a workbook.", show_default="guessed")
]
