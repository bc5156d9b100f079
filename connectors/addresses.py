"""What an address of a vendor may look like: one rule for every connector; it never opens it."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def bare_address(value: str, example: str) -> str:
    """Scheme, host and port of an API's address. Raises `ValueError` with the remedy; plain http is for this machine."""
    parts = urlsplit(value)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError(f"give the whole address, such as {example}")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("http would send the token in the clear: use https, or a host on this machine")
    if parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("give the address only, without user, path or query")
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
