"""Signed requests and answers over HTTP or HTTPS; it knows nothing of what they carry.

Both sides hold one secret. Each request and each answer is signed with it, an answer together with its request, so that
nobody else can ask, and nobody else's answer is believed, even without TLS. TLS hides the sizes, too.
"""

import hashlib
import hmac
import http.client
import json
import logging
import os
import secrets
import ssl
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from tandem.settings import ConfigError

log = logging.getLogger(__name__)
SIGNATURE = "Tandem-Signature"
LEAST_SECRET = 16  # characters
PATIENCE_S = 120.0  # of a request whose chunk the other side works on


class Broken(Exception):
    """The connection failed before the whole answer was there; the request may have been taken or not."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: `body` is JSON if the status is not 200."""

    status: int
    body: bytes

    @classmethod
    def refusal(cls, status: int, reason: str, remedy: str) -> "Reply":
        """An answer in words."""
        return cls(status, json.dumps({"reason": reason, "remedy": remedy}).encode())


class Wire(Protocol):
    """What the client needs of a connection."""

    def ask(self, method: str, path: str, body: bytes) -> Reply:
        """Raises `Broken`, and `ConfigError` where the other side does not hold the secret."""


Answer = Callable[[str, str, bytes], Reply]
"""Of a request's method, path and body, once its signature is right."""


def read_secret(path: Path, *, make: bool) -> bytes:
    """The secret of a file; a new one if there is no file and one may be made. Raises `ConfigError`."""
    try:
        if make and not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32) + "\n")
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        remedy = "get the file that `tandem psi serve --secret FILE` made at your partner"
        raise ConfigError(f"the secret {path} cannot be read. Remedy: {remedy}") from error
    if len(text) < LEAST_SECRET:
        remedy = "use the one that `tandem psi serve --secret FILE` makes"
        raise ConfigError(f"the secret of {path} is shorter than {LEAST_SECRET} characters. Remedy: {remedy}")
    return text.encode()


def certified(certificate: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    """Both or neither. Raises `ConfigError`."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise ConfigError("--tls-cert and --tls-key belong together. Remedy: give both, or neither")
    return certificate, key


def signed(secret: bytes, *parts: bytes) -> str:
    """The signature of these parts, in their order."""
    whole = b"".join(hashlib.sha256(part).digest() for part in parts)
    return hmac.digest(secret, whole, "sha256").hex()


def answering(secret: bytes, answer: Answer) -> Callable[[str, str, str, bytes], tuple[Reply, str]]:
    """The answer to a request with its signature, and the answer's own signature."""

    def whole(method: str, path: str, signature: str, body: bytes) -> tuple[Reply, str]:
        asked = (method.encode(), path.encode(), body)
        if not hmac.compare_digest(signature.encode(), signed(secret, *asked).encode()):
            reply = Reply.refusal(
                401, "the request is not signed with our secret.", "use one secret file on both sides"
            )
        else:
            reply = answer(method, path, body)
        return reply, signed(secret, *asked, str(reply.status).encode(), reply.body)

    return whole


def refused(who: str, reply: Reply) -> ConfigError:
    """What a refusal comes to here, in the other side's words."""
    try:
        told = json.loads(reply.body)
        return ConfigError(f"{who} refuses: {told['reason']} Remedy: {told['remedy']}")
    except (ValueError, KeyError, TypeError):
        remedy = "use the same version of Tandem on both sides"
        return ConfigError(f"{who} refuses with status {reply.status}. Remedy: {remedy}")


class Connection:
    """One HTTP(S) connection to a server that signs its answers. `trusted`: certificates to trust, beside the system's."""

    def __init__(self, url: str, secret: bytes, trusted: Path | None, patience_s: float = PATIENCE_S) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
            raise ConfigError(
                f"{url!r} is no address. Remedy: write http://host:port, or https:// where it has a certificate"
            )
        self._secret = secret
        if parts.scheme == "https":
            try:
                context = ssl.create_default_context()
                if trusted is not None:
                    context.load_verify_locations(trusted)
            except (OSError, ssl.SSLError) as error:
                raise ConfigError(f"--ca {trusted} cannot be used: {error}. Remedy: name a PEM file") from error
            self._http: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=patience_s, context=context
            )
        else:
            self._http = http.client.HTTPConnection(parts.hostname, parts.port, timeout=patience_s)

    def ask(self, method: str, path: str, body: bytes) -> Reply:
        """As `Wire`."""
        asked = (method.encode(), path.encode(), body)
        try:
            self._http.request(method, path, body, {SIGNATURE: signed(self._secret, *asked)})
            response = self._http.getresponse()
            reply, signature = Reply(response.status, response.read()), response.getheader(SIGNATURE, "")
        except ssl.SSLCertVerificationError as error:
            raise ConfigError(f"the server's certificate is not trusted: {error}. Remedy: --ca FILE") from error
        except (OSError, http.client.HTTPException) as error:
            self._http.close()
            raise Broken(str(error) or type(error).__name__) from error
        said = signed(self._secret, *asked, str(reply.status).encode(), reply.body)
        if not hmac.compare_digest(said.encode(), signature.encode()):
            self._http.close()
            remedy = "use one secret file on both sides, and the address that your partner named"
            raise ConfigError(f"the answer is not signed with our secret. Remedy: {remedy}")
        return reply

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()


def server(
    place: tuple[str, int], secret: bytes, answer: Answer, largest: int, certificate: tuple[Path, Path] | None
) -> ThreadingHTTPServer:
    """Listens at host and port, not yet serving; a body over `largest` bytes is refused. Raises `ConfigError`."""
    whole = answering(secret, answer)

    class Handler(_Handler):
        most = largest

        def replied(self, signature: str, body: bytes) -> tuple[Reply, str]:
            return whole(self.command, self.path, signature, body)

    try:
        made = _Server(place, Handler)
    except OSError as error:
        raise ConfigError(
            f"{place[0]}:{place[1]}: {error.strerror}. Remedy: choose another --port or --host"
        ) from error
    if certificate is not None:
        try:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*certificate)
        except (OSError, ssl.SSLError) as error:
            made.server_close()
            raise ConfigError(f"--tls-cert and --tls-key cannot be used: {error}. Remedy: name PEM files") from error
        made.socket = context.wrap_socket(made.socket, server_side=True, do_handshake_on_connect=False)
    return made


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A request that breaks off gets no answer, and so comes again."""
        log.warning("a request from %s was not answered: %s", client_address, sys.exc_info()[1])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds that a caller may be silent within a request
    most = 0

    def replied(self, signature: str, body: bytes) -> tuple[Reply, str]:
        raise AssertionError("made in `server`")

    def _take(self) -> None:
        told = self.headers.get("Content-Length", "0")
        if not told.isdigit() or int(told) > self.most:
            self.close_connection = True
            reply, signature = Reply(413, b""), ""
        else:
            reply, signature = self.replied(self.headers.get(SIGNATURE, ""), self.rfile.read(int(told)))
        headers: Mapping[str, str] = {"Content-Length": str(len(reply.body)), SIGNATURE: signature}
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = _take  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server gives it
        """Requests are not logged: progress tells of them."""
