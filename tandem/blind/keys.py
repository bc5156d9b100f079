"""The key of a partnership: one file that both parties hold and the hub never does; it never prints the key."""

import base64
import binascii
import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path

from tandem.settings import ConfigError

SIZE = 32  # bytes, as many as HMAC-SHA256 gives
FORMAT = 1
MOST = 10_000  # bytes of a key file


@dataclass(frozen=True, slots=True)
class KeyName:
    """Which key tokens were made with. `check` tells two keys apart that were given one name; it gives no key away."""

    id: str
    version: int
    check: str

    def __str__(self) -> str:
        return f"{self.id!r} version {self.version} ({self.check})"


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """The secret and its name."""

    id: str
    version: int
    secret: bytes

    @property
    def name(self) -> KeyName:
        """What may be told."""
        return KeyName(self.id, self.version, hmac.digest(self.secret, b"tandem check", "sha256")[:6].hex())


def write_key(path: Path, key: Key) -> None:
    """A file that only its owner may read. Raises `ConfigError` where there is a file already."""
    text = json.dumps(
        {
            "tandem_key": FORMAT,
            "id": key.id,
            "version": key.version,
            "secret": base64.b64encode(key.secret).decode(),
        },
        indent=1,
    )
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except FileExistsError as error:
        remedy = "choose another file; a key that is lost makes its tokens useless, so none is overwritten"
        raise ConfigError(f"{path} is there already. Remedy: {remedy}") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}. Remedy: choose another file") from error


def read_key(path: Path) -> Key:
    """Raises `ConfigError`: no key file, or one that others may read."""
    remedy = "make one with `tandem blind key FILE`, or get the partnership's from your partner"
    try:
        with path.open("rb") as file:
            mode, raw = os.fstat(file.fileno()).st_mode, file.read(MOST)
        found = json.loads(raw)
        key = Key(str(found["id"]), int(found["version"]), base64.b64decode(found["secret"], validate=True))
        whole = found["tandem_key"] == FORMAT and len(key.secret) == SIZE and key.version >= 1
    except OSError as error:
        raise ConfigError(f"the key {path} cannot be read: {error.strerror}. Remedy: {remedy}") from error
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise ConfigError(f"{path} is no key of a partnership. Remedy: {remedy}") from error
    if not whole:
        raise ConfigError(f"{path} is no key of this version of Tandem. Remedy: {remedy}")
    if os.name == "posix" and mode & 0o077:
        raise ConfigError(f"others on this machine may read the key {path}. Remedy: chmod 600 {path}")
    return key


def rotated(key: Key, secret: bytes) -> Key:
    """The partnership's next key."""
    return Key(key.id, key.version + 1, secret)
