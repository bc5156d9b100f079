"""A real PostgreSQL on a free loopback port, as an unprivileged user, in a temporary folder; from Debian's packages."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.support.brokers import free_port

ADMIN = "tandem"
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
        """The address of a new, empty database."""
        name = f"test_{next(self.numbers)}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        return self.url(name)


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
    initdb, control = binary("initdb"), binary("pg_ctl")
    user = unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="tandem-postgres-"))
    if user:
        os.chown(folder, user["user"], user["group"])
    data, port = folder / "data", free_port()
    options = [*FAST, f"port={port}", f"unix_socket_directories={folder}"]

    def run(*command: str) -> None:
        log = folder / "start.log"
        with log.open("ab") as output:
            subprocess.run(
                command, check=True, cwd=folder, stdout=output, stderr=output, stdin=subprocess.DEVNULL, **user
            )

    try:
        run(
            initdb, "--no-sync", "--auth=trust", f"--username={ADMIN}", "--encoding=UTF8", "--locale=C", "-D", str(data)
        )
        given = " ".join(f"-c {option}" for option in options)
        run(control, "start", "-w", "-D", str(data), "-l", str(folder / "server.log"), "-o", given)
        try:
            yield Postgres(port, count())
        finally:
            run(control, "stop", "-m", "immediate", "-D", str(data))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
