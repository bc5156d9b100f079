"""`tandem psi`: what each command takes and says; the work is done beside it."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from tandem.blind.options import GUESSED, Columns, Delimiter, Encoding, SheetName
from tandem.errors import told
from tandem.options import Json
from tandem.signals import stop_on_signals

psi = typer.Typer(
    no_args_is_help=True,
    help="Find overlaps with no third party: private set intersection between two machines.\n\n"
    "One side [bold]serve[/bold]s its list, the other [bold]join[/bold]s with its own. The client learns which of its "
    "own elements the server has too; the server learns how many elements the client has. Equal elements only: domains, "
    "registration numbers, names with country. Both sides hold one secret file. A run that breaks off goes on where it "
    "stopped when the same command is given again.",
)

List = Annotated[
    Path, typer.Argument(metavar="LIST", help="Your accounts: any file that `tandem map` reads.", show_default=False)
]
Share = Annotated[
    list[str],
    typer.Option(
        "--share", metavar="TYPE", help="Compare domain, id or name (with country). Repeatable; alike on both sides."
    ),
]
Secret = Annotated[
    Path,
    typer.Option("--secret", metavar="FILE", help="The secret of both sides; `serve` makes it.", show_default=False),
]
State = Annotated[
    Optional[Path],
    typer.Option("--state", metavar="FOLDER", help="Where to keep how far it has come.", show_default="LIST.psi"),
]
Both = Annotated[bool, typer.Option("--both", help="Let the server learn the result too. On both sides or on neither.")]
ALL = ["domain", "id", "name"]


@psi.command("serve")
def serve_list(  # noqa: PLR0913, PLR0917 - each is an option
    path: List,
    secret: Secret,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Listen there; 0: any.")] = 8765,
    host: Annotated[str, typer.Option(help="Listen there; 0.0.0.0 for every address.")] = "127.0.0.1",
    share: Share = ALL,
    both: Both = False,
    out: Annotated[Optional[Path], typer.Option("--out", metavar="FILE", help="With --both: your overlaps.")] = None,
    joins: Annotated[int, typer.Option(min=1, help="Allow so many joins, ever, with this --state.")] = 1,
    most: Annotated[
        Optional[int],
        typer.Option(min=1, help="Refuse a client with more elements.", show_default="ten times yours, at least 1,000"),
    ] = None,
    chunk: Annotated[int, typer.Option(min=1, max=1_000_000, help="Elements in a request.")] = 20_000,
    tls_cert: Annotated[Optional[Path], typer.Option(metavar="FILE", help="Serve HTTPS with this PEM.")] = None,
    tls_key: Annotated[Optional[Path], typer.Option(metavar="FILE", help="Its private key.")] = None,
    state: State = None,
    columns: Columns = None,
    encoding: Encoding = GUESSED,
    delimiter: Delimiter = None,
    sheet: SheetName = None,
    as_json: Json = False,
) -> None:
    """Serve your list for private set intersection; ends when the allowed joins are over.

    You learn how many elements the client has, and with --both which are in both lists, as the client reports it.
    """
    from tandem.blind.lists import ListAsked
    from tandem.psi.running import Serving, Side, serve
    from tandem.psi.wire import certified

    with told("tandem psi serve"):
        certificate = certified(tls_cert, tls_key)
        listed = ListAsked(path, "list", columns or (), encoding, delimiter, sheet)
        side = Side(listed, share, secret, state, out, both, as_json)
        serve(side, Serving(host, port, joins, most, chunk, certificate), stop_on_signals())


@psi.command("join")
def join_list(  # noqa: PLR0913, PLR0917 - each is an option
    url: Annotated[str, typer.Argument(metavar="URL", help="Where your partner serves.", show_default=False)],
    path: List,
    secret: Secret,
    out: Annotated[Optional[Path], typer.Option("--out", metavar="FILE", help="Your overlaps: .csv or .jsonl.")] = None,
    share: Share = ALL,
    both: Both = False,
    ca: Annotated[Optional[Path], typer.Option(metavar="FILE", help="Trust this certificate (PEM) too.")] = None,
    state: State = None,
    columns: Columns = None,
    encoding: Encoding = GUESSED,
    delimiter: Delimiter = None,
    sheet: SheetName = None,
    as_json: Json = False,
) -> None:
    """Join a partner who serves: learn which of your accounts it has too, and nothing of the others.

    The partner learns how many elements you have, and with --both which are in both lists.
    """
    from tandem.blind.lists import ListAsked
    from tandem.psi.running import Side, join

    with told("tandem psi join"):
        listed = ListAsked(path, "list", columns or (), encoding, delimiter, sheet)
        side = Side(listed, share, secret, state, out, both, as_json)
        join(side, url, ca)
