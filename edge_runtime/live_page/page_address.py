"""Where the page is, and who may look: the link's token, and the names that a browser may use."""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit

from edge_runtime.errors import Face520Error

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8520
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
EVERYWHERE = ("0.0.0.0", "::")


@dataclass(frozen=True)
class PageAddress:
    """The address that the page listens at. token: what a link must hold; None: nothing.

    port 0: any that is free.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    token: str | None = None

    @classmethod
    def of(cls, host: str, port: int, token: str | None) -> PageAddress:
        """An address that others can reach gets a token, a new one unless it is given.

        Raises Face520Error for a token that can be guessed, or has no place in a link.
        """
        host = host.strip().removeprefix("[").removesuffix("]")
        if not host:
            raise Face520Error("--host is empty. Give 0.0.0.0 for every address of this machine.")
        if token and not TOKEN.fullmatch(token):
            raise Face520Error(
                "--token: not 16 to 128 letters, digits, - or _. Make one with: "
                "openssl rand -hex 16"
            )
        if not token and not is_loopback(host):
            token = secrets.token_urlsafe(16)
        return cls(host, port, token or None)

    def links(self, port: int) -> list[str]:
        """How browsers get to the page, once it listens at a port."""
        query = f"?token={self.token}" if self.token else ""
        hosts = [self.host]
        if self.host in EVERYWHERE:
            hosts = [*_own_addresses(), f"{socket.gethostname()}.local"]
        named = (f"[{host}]" if ":" in host else host for host in hosts)
        return [f"http://{host}:{port}/{query}" for host in named]

    def why_refused(self, headers: Mapping[str, str]) -> str | None:
        """What is wrong with a request by its Host and Origin; None where nothing is.

        Pages of others may send requests here through the browser of somebody who may look (their
        Origin tells), or have a name of their own point here (DNS rebinding; the Host tells). A
        number as Host can be nobody's name.
        """
        host = headers.get("Host", "")
        if not self._is_own_name(_name_of(f"//{host}")):
            return (
                f"This page does not go by the name {host[:100]!r}. Open it by the link that "
                "face520-run printed."
            )
        origin = headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != host:
            return f"The page of {origin[:100]!r} may not look in here."
        return None

    def is_known(self, token: str) -> bool:
        """Whether a link's token is the right one, or none is asked for."""
        return self.token is None or compare_digest(token.encode(), self.token.encode())

    def _is_own_name(self, name: str) -> bool:
        if is_loopback(name):
            return True
        if is_loopback(self.host):
            return False
        machine = socket.gethostname().lower()
        return _is_number(name) or name in (self.host.lower(), machine, f"{machine}.local")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    return host == "localhost" or (_is_number(host) and ip_address(host).is_loopback)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _name_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _own_addresses() -> list[str]:
    """The address that this machine has in its network, if any; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # reserved for documents, RFC 5737
        except OSError:
            return []
        return [probe.getsockname()[0]]
