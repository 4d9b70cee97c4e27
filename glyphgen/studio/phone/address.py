"""Addresses that a phone may use: those of private networks, which the internet does not reach."""

from __future__ import annotations

import contextlib
import ipaddress
import socket

from glyphgen.studio.security import StudioError

_NETWORKS = tuple(map(ipaddress.ip_network, (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")))
_PROBES = ("203.0.113.1", "192.168.0.1", "10.0.0.1", "172.16.0.1")


def is_private(address: str) -> bool:
    """Whether this is an IPv4 address of a private network, or of this machine alone."""
    try:
        known = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return any(known in network for network in _NETWORKS)


def own_addresses() -> list[str]:
    """This machine's private addresses that others reach, the likeliest first; sends nothing."""
    found: dict[str, None] = {}
    for probe in _PROBES:       # the address that a packet there would leave from
        with contextlib.suppress(OSError), \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.connect((probe, 9))
            found[asked.getsockname()[0]] = None
    with contextlib.suppress(OSError):
        found |= dict.fromkeys(socket.gethostbyname_ex(socket.gethostname())[2])
    return [one for one in found if is_private(one) and not one.startswith("127.")]


def private_address(given: str | None) -> str:
    """The address to listen on: the one given, else this machine's. Raises StudioError."""
    if given is None:
        own = own_addresses()
        if not own:
            raise StudioError("this machine has no address in a private network: join one, or "
                              "give an address with --phone-address")
        return own[0]
    if not is_private(given):
        raise StudioError("{address} is no address of a private network: give one of this "
                          "machine, like 192.168.1.5", address=given)
    return given
