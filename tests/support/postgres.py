"""A real PostgreSQL on a free loopback port, as an unprivileged user, in a temporary folder; from Debian's packages."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tandem.platform import dies_with_parent
from tests.support.ports import free_port

ADMIN = "tandem"
START_PATIENCE_S = 30
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=127.0.0.1",
    "shared_buffers=64MB",
)


@dataclass
class Postgres:
    """A running server; each test takes a database of its own."""

    port: int
    numbers: Iterator[int]

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{ADMIN}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """The name of a new, empty database."""
        name = f"test_{next(self.numbers)}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        return name


def binary(name: str) -> str:
    """Debian keeps the server's programs out of the path. Skips the test, out loud, where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    place = shutil.which(name) or (str(found[-1]) if found else None)
    if place is None:
        pytest.skip("NO POSTGRESQL: install Debian's package `postgresql` to test the ledger on it")
    return place


def unprivileged() -> dict[str, int]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


@contextmanager
def postgres() -> Iterator[Postgres]:
    """The server ends with this process, also where that is killed."""
    initdb, program = binary("initdb"), binary("postgres")
    user, folder, port = unprivileged(), Path(tempfile.mkdtemp(prefix="tandem-postgres-")), free_port()
    if user:
        os.chown(folder, user["user"], user["group"])
    data, log = str(folder / "data"), (folder / "log").open("ab")
    quiet: dict[str, Any] = {"cwd": folder, "stdout": log, "stderr": log, "stdin": subprocess.DEVNULL, **user}
    try:
        made = [initdb, "--no-sync", "--auth=trust", f"--username={ADMIN}", "--encoding=UTF8", "--locale=C", "-D", data]
        subprocess.run(made, check=True, **quiet)
        options = [
            each for option in (*FAST, f"port={port}", f"unix_socket_directories={folder}") for each in ("-c", option)
        ]
        command = [program, "-D", data, *options]
        server = subprocess.Popen(command, preexec_fn=dies_with_parent, **quiet)  # noqa: PLW1509  a single prctl call
        try:
            found = Postgres(port, count())
            _answers(found, server)
            yield found
        finally:
            server.send_signal(signal.SIGQUIT)  # immediate: nothing in it is needed any more
            server.wait()
    finally:
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _answers(found: Postgres, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    engine = create_engine(found.url("postgres"), poolclass=NullPool)
    while True:
        try:
            engine.connect().close()
        except OperationalError:
            assert server.poll() is None, "PostgreSQL ended by itself"
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            time.sleep(0.05)
        else:
            return
