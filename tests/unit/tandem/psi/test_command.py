"""`tandem psi` as a user meets it: one run over real sockets and processes, and what is refused."""

import csv
import json
import os
import select
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from tandem.blind.lists import ListAsked
from tandem.cli import app
from tandem.mapping.show import console
from tandem.psi import library, running
from tandem.psi.elements import TYPES, elements, shared
from tandem.psi.running import Side, join, serve
from tandem.psi.show import Lines, Pace
from tandem.psi.wire import Broken, Connection, Reply, read_secret, server
from tandem.psi.work import Here, cores, pool
from tandem.settings import ConfigError
from tests.unit.tandem.mapping.acme import OURS, THEIRS, write

SECRET = b"a secret of sixteen and more"


@contextmanager
def serving(secret: bytes, certificate: tuple[Path, Path] | None = None, answer: bytes = b"{}") -> Iterator[int]:
    made = server(("127.0.0.1", 0), secret, lambda method, path, body: Reply(200, answer + body), 10, certificate)
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield made.server_port
    finally:
        made.shutdown()
        made.server_close()


def test_two_sides_find_what_they_share_and_each_gets_its_own_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("private_set_intersection", reason="openmined-psi is not installed")
    monkeypatch.setattr(running, "pool", lambda workers: Here())
    monkeypatch.setattr(running, "GRACE_S", 0.0)
    ports: list[int] = []
    told = threading.Event()
    monkeypatch.setattr(running, "_tell_ready", lambda asked, port, side, limits: (ports.append(port), told.set()))
    ours, theirs = write(tmp_path / "ours.csv", OURS), write(tmp_path / "partner.csv", THEIRS)
    secret, mine, other = tmp_path / "psi.secret", tmp_path / "mine.csv", tmp_path / "other.csv"
    at = Side(ListAsked(theirs), tuple(TYPES), secret, None, other, both=True, as_json=True)
    asked = running.Serving("127.0.0.1", 0, joins=1, most=None, chunk=2, certificate=None)
    thread = threading.Thread(target=serve, args=(at, asked, threading.Event()), daemon=True)
    thread.start()
    assert told.wait(30)
    join(
        Side(ListAsked(ours), tuple(TYPES), secret, None, mine, both=True, as_json=True),
        f"http://127.0.0.1:{ports[0]}",
        None,
    )
    thread.join(30)
    assert not thread.is_alive()
    with mine.open() as file:
        assert [tuple(row) for row in csv.reader(file)] == [
            ("id", "element"),
            ("o1", "domain:acme.com"),
            ("o1", "name:acmerobotic|DE"),
            ("o2", "name:globex|US"),
        ]
    with other.open() as file:
        assert {row["id"] for row in csv.DictReader(file)} == {"p1", "p2"}


def test_costly_steps_run_in_processes_of_their_own() -> None:
    with pool(1) as at:
        assert at.submit(cores).result(60) >= 1


KILLED = """
import os, signal
from tandem.psi.work import pool
if __name__ == "__main__":
    print(pool(1).submit(os.getpid).result(60), flush=True)
    input()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="there is no way to wait for a grandchild here")
def test_a_worker_ends_when_its_command_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    where = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    with subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=where
    ) as command:
        assert command.stdout is not None
        worker = os.pidfd_open(int(command.stdout.readline()))
        command.communicate(b"now")
        ended, _, _ = select.select([worker], [], [], 60)
        os.close(worker)
    assert ended


def test_an_answer_comes_back_whole_over_a_socket_and_the_connection_is_kept() -> None:
    with serving(SECRET) as port, closing(Connection(f"http://127.0.0.1:{port}", SECRET, None)) as connection:
        assert [connection.ask("POST", "/x", b"abc") for _ in range(2)] == [Reply(200, b"{}abc")] * 2


def test_a_body_that_is_too_large_is_not_read() -> None:
    with serving(SECRET) as port, pytest.raises((ConfigError, Broken)):
        Connection(f"http://127.0.0.1:{port}", SECRET, None).ask("POST", "/x", b"a" * 11)


def test_a_server_that_does_not_hold_the_secret_is_not_believed() -> None:
    with serving(b"another secret, just as long") as port:
        connection = Connection(f"http://127.0.0.1:{port}", SECRET, None)
        with pytest.raises(ConfigError, match="not signed with our secret"):
            connection.ask("GET", "/x", b"")


def test_nobody_there_is_a_break_and_not_an_end() -> None:
    with serving(SECRET) as port:
        pass
    with pytest.raises(Broken):
        Connection(f"http://127.0.0.1:{port}", SECRET, None).ask("GET", "/x", b"")


@pytest.mark.parametrize("url", ["127.0.0.1:80", "ftp://host", "http://host/path", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="write http://host:port"):
        Connection(url, SECRET, None)


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return pem, private


def test_a_certificate_makes_it_https_and_one_that_is_not_trusted_is_refused(tmp_path: Path) -> None:
    pem, private = certificate(tmp_path)
    with serving(SECRET, (pem, private)) as port:
        url = f"https://localhost:{port}"
        with closing(Connection(url, SECRET, pem)) as connection:
            assert connection.ask("GET", "/x", b"").status == 200
        with pytest.raises(ConfigError, match=r"not trusted.*--ca FILE"):
            Connection(url, SECRET, None).ask("GET", "/x", b"")
    with pytest.raises(ConfigError, match="--tls-cert"):
        server(("127.0.0.1", 0), SECRET, lambda *_: Reply(200, b""), 10, (private, pem))
    assert issubclass(ssl.SSLCertVerificationError, OSError), "the order of the two clauses in `ask` matters"


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "psi.secret"
    assert read_secret(path, make=True) == read_secret(path, make=False)
    assert path.stat().st_mode & 0o077 == 0
    path.write_text("short")
    with pytest.raises(ConfigError, match="shorter than 16"):
        read_secret(path, make=True)
    with pytest.raises(ConfigError, match="get the file that `tandem psi serve"):
        read_secret(tmp_path / "none", make=False)


def test_a_type_that_there_is_not_is_refused_and_the_order_of_types_does_not_count() -> None:
    assert shared(["name", "domain"]) == ("domain", "name")
    with pytest.raises(ConfigError, match="choose from domain, id, name"):
        shared(["phone"])


def test_a_list_without_anything_to_compare_is_refused() -> None:
    with pytest.raises(ConfigError, match="no row has any of: id"):
        elements([], ("id",))


def test_without_the_library_the_remedy_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(library, "import_module", missing)
    with pytest.raises(ConfigError, match="pip install --no-deps 'openmined-psi"):
        library.library()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["serve", "LIST", "--secret", "s", "--out", "o.csv"], "only the client learns. Remedy: --both"),
        (["serve", "LIST", "--secret", "s", "--tls-cert", "c.pem"], "belong together"),
        (["join", "http://h:1", "LIST", "--secret", "s"], "get the file that `tandem psi serve"),
    ],
)
def test_options_that_do_not_fit_are_refused_with_the_remedy(tmp_path: Path, options: list[str], words: str) -> None:
    listed = write(tmp_path / "ours.csv", OURS)
    named = {"LIST": str(listed), "s": str(tmp_path / "s")}
    result = CliRunner().invoke(app, ["psi", *(named.get(each, each) for each in options)])
    assert (result.exit_code, words in result.stderr) == (78, True), result.stderr


def test_progress_tells_rate_and_time_left_and_a_resumed_stage_counts_from_where_it_began(
    capsys: pytest.CaptureFixture[str],
) -> None:
    times = iter([100.0, 102.0, 104.0])
    pace = Pace(lambda: next(times), next(times), 50)
    assert pace.told(70, 100) == "10 a second, 3 s left"
    assert pace.told(50, 100) == ""
    lines = Lines(console(stderr=True), lambda: 0.0)
    for done in range(101):
        lines.tell("asking", done, 100)
    assert len(capsys.readouterr().err.splitlines()) == 11


def test_json_tells_what_a_side_has_learned_and_null_what_it_has_not(capsys: pytest.CaptureFixture[str]) -> None:
    from tandem.psi import show

    show.outcome(5, 7, None, None, None, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["elements_ours"], found["elements_theirs"], found["elements_both"]) == (5, 7, None)
