"""The folder where one side keeps how far it has come, so that a break costs a chunk; it is never open to others."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tandem.settings import ConfigError

STATE = "state.json"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that only its owner may look into: it holds this side's key."""

    path: Path

    def make(self) -> None:
        """Make it where it is not. Raises `ConfigError`."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"--state {self.path}: {error.strerror}. Remedy: choose another folder") from error

    def read(self, name: str = STATE) -> dict[str, Any] | None:
        """What was written under the name; None if nothing was. Raises `ConfigError` where it is broken."""
        raw = self.get(name)
        if raw is None:
            return None
        try:
            found = json.loads(raw)
        except ValueError as error:
            raise ConfigError(f"{self.path / name} is broken. Remedy: delete {self.path}, and begin anew") from error
        return found if isinstance(found, dict) else {}

    def write(self, value: Mapping[str, Any], name: str = STATE) -> None:
        """Whole or not at all."""
        self.put(name, json.dumps(value).encode())

    def get(self, name: str) -> bytes | None:
        """The bytes under the name; None if there are none."""
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None

    def has(self, name: str) -> bool:
        """Whether anything was put under the name."""
        return (self.path / name).exists()

    def put(self, name: str, raw: bytes) -> None:
        """Whole or not at all: what is there is complete."""
        beside = self.path / f".{name}.part"
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path / name)

    def names(self, head: str) -> list[str]:
        """Everything that was put under a name that begins so."""
        return sorted(each.name for each in self.path.glob(f"{head}*"))

    def drop(self) -> None:
        """Delete all of it, the key first of all."""
        (self.path / STATE).unlink(missing_ok=True)
        shutil.rmtree(self.path)


def chunk_name(kind: str, number: int) -> str:
    """The file of one chunk."""
    return f"{kind}-{number:06}.bin"


def chunks(count: int, size: int) -> int:
    """How many chunks so many elements make."""
    return -(-count // size)


def within(number: int, count: int, size: int) -> int:
    """How many elements are in one chunk."""
    return min(size, count - number * size)
