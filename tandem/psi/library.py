"""The four steps of the protocol by openmined-psi, on plain bytes; it never keeps a key and opens no connection.

Elliptic-curve Diffie-Hellman on P-256: the server holds s, the client c, and H maps an element to a point. The server
sends all H(y)^s, the client all H(x)^c; the server answers with H(x)^cs, of which the client takes c away again. What is
then among the H(y)^s is in both lists.
"""

from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tandem.settings import ConfigError

POINT = 33  # bytes of a compressed point of P-256
INSTALL = "pip install --no-deps 'openmined-psi>=2.0.6'"


class BadPoints(Exception):
    """Bytes that are no points of the curve."""


def library() -> Any:
    """The package. Raises `ConfigError` with the remedy where it is not installed.

    It demands protobuf 6.30.2 and works with the later one that Tandem needs, hence --no-deps.
    """
    try:
        return import_module("private_set_intersection.python")
    except ImportError as error:
        raise ConfigError(f"private set intersection needs the package openmined-psi. Remedy: {INSTALL}") from error


def new_key() -> bytes:
    """A secret for one side; of no use to the other role."""
    key = library().client.CreateWithNewKey(True).GetPrivateKeyBytes()
    assert isinstance(key, bytes)  # noqa: S101  so it is documented
    return key


def setup(key: bytes, elements: list[str]) -> bytes:
    """Of the server: H(y)^s of each of its elements, in the order of the results."""
    psi = library()
    # RAW keeps every element whole, so that there are no false positives and the two numbers before it play no role.
    made = psi.server.CreateFromKey(key, True).CreateSetupMessage(0.5, len(elements), elements, psi.DataStructure.RAW)
    return b"".join(sorted(made.raw.encrypted_elements))


def request(key: bytes, elements: list[str]) -> bytes:
    """Of the client: H(x)^c of each of its elements, in their order."""
    return b"".join(library().client.CreateFromKey(key, True).CreateRequest(elements).encrypted_elements)


def answer(key: bytes, points: bytes) -> bytes:
    """Of the server: each point to its power s, in their order. Raises `BadPoints`."""
    psi = library()
    asked = psi.Request(reveal_intersection=True, encrypted_elements=split(points))
    try:
        return b"".join(psi.server.CreateFromKey(key, True).ProcessRequest(asked).encrypted_elements)
    except (RuntimeError, ValueError) as error:
        raise BadPoints(str(error)) from error


def matched(key: bytes, whole_setup: Path, answered: bytes) -> list[int]:
    """Of the client: which of its elements, by position, are in the server's list too. Raises `BadPoints`."""
    psi = library()
    response = psi.Response(encrypted_elements=split(answered))
    try:
        found = psi.client.CreateFromKey(key, True).GetIntersection(_setup(whole_setup), response)
    except (RuntimeError, ValueError) as error:
        raise BadPoints(str(error)) from error
    return sorted(found)


def split(points: bytes) -> list[bytes]:
    """The points one by one. Raises `BadPoints` where they are not whole."""
    if len(points) % POINT:
        raise BadPoints(f"{len(points)} bytes are no points of {POINT} bytes each")
    return [points[at : at + POINT] for at in range(0, len(points), POINT)]


@lru_cache(maxsize=1)
def _setup(path: Path) -> Any:
    """The server's elements as the library takes them: sorted, or it would not find them."""
    made = library().ServerSetup()
    made.raw.encrypted_elements.extend(sorted(split(path.read_bytes())))
    return made
