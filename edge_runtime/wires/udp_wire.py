"""Datagrams to a host and port, which nobody has to listen at."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from errno import EAGAIN, EMSGSIZE, ENOBUFS
from typing import Any

from edge_runtime.errors import Face520Error

# What UDP over IPv4 takes, RFC 768.
LARGEST_DATAGRAM = 65_507
# A packet of Ethernet, 1500 bytes, less the headers of IPv6 and UDP.
ONE_PACKET = 1_452


@dataclass(frozen=True)
class HostPort:
    """Where to send to; an IPv6 address without its brackets."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, option: str) -> HostPort:
        """Of `HOST:PORT` or `[IPv6]:PORT`. option: for messages. Raises Face520Error."""
        host, colon, port = text.strip().rpartition(":")
        is_bracketed = host.startswith("[") and host.endswith("]")
        if ":" in host and not is_bracketed:
            raise Face520Error(
                f"{option} {text}: an IPv6 address stands in brackets. Give [ADDRESS]:PORT, such "
                "as [::1]:39539."
            )
        host = host[1:-1] if is_bracketed else host
        # isdecimal takes the digits of every script, int() too; only these are meant.
        is_number = port.isascii() and port.isdecimal() and 0 < int(port[:6]) <= 65535
        if not (colon and host and is_number):
            raise Face520Error(
                f"{option} {text}: not HOST:PORT with a port of 1 to 65535. Give for example "
                "127.0.0.1:39539."
            )
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class UdpWire:
    """Sends datagrams and never waits; what cannot be sent is lost.

    on_event hears once that sending fails, and once that it works again. Raises Face520Error for a
    host that nobody knows; one that does not answer is none of UDP's business.
    """

    def __init__(self, address: HostPort, option: str, on_event: Callable[[str], None]) -> None:
        self._name = f"{option} {address}"
        self._on_event = on_event
        self._is_failing = False
        try:
            found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "no name"
            raise Face520Error(
                f"{self._name}: no such host ({reason}). Give its address, or another name."
            ) from error
        family, kind, protocol, _, target = found[0]
        self._target: tuple[Any, ...] = target
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        # Whoever names a broadcast address means it.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)

    def send(self, datagram: bytes) -> None:
        """Send a datagram, or lose it."""
        try:
            self._socket.sendto(datagram, self._target)
        except OSError as error:
            if error.errno in (EAGAIN, ENOBUFS):
                return  # the line is full for a moment
            if not self._is_failing:
                self._is_failing = True
                size = f", {len(datagram)} bytes" if error.errno == EMSGSIZE else ""
                self._on_event(
                    f"{self._name}: cannot be sent to ({error.strerror}{size}); trying on."
                )
        else:
            if self._is_failing:
                self._is_failing = False
                self._on_event(f"{self._name}: can be sent to again.")

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
