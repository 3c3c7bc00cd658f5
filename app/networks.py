"""Where a picture may be fetched from: the open internet, and networks that the operator adds.

Somebody who names an address must not reach, through this server, what only the server can reach:
itself, its neighbours, and the services of its cloud that answer whoever asks.
"""

import socket
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

from app.settings import SettingsError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Of IPv6 only this is handed out on the internet (RFC 4291, 2.4). IPv4 in other clothes, mapped,
# translated (NAT64) or compatible, and all that is local or multicast, lies outside of it.
_UNICAST: Final = IPv6Network("2000::/3")
# Inside of it, and of IPv4: for protocols and Teredo, 6to4 and its relays, examples (IANA's
# registries of special-purpose addresses). What Python itself calls global differs by its version.
_SPECIAL: Final = tuple(
    map(
        ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)


def parsed(text: str) -> tuple[Network, ...]:
    """Return the networks of a setting, such as "10.1.0.0/16, fd12::/48". Raises SettingsError."""
    try:
        return tuple(map(ip_network, text.replace(",", " ").split()))
    except ValueError as error:
        raise SettingsError(
            f"The setting IMAGESEARCH_FETCH_NETWORKS cannot be {text!r}: {error}. It takes "
            "networks such as `10.1.0.0/16, fd12::/48`."
        ) from None


def allowed(address: Address, added: tuple[Network, ...]) -> bool:
    """Whether a picture may be fetched from there. added: networks that are allowed besides."""
    return _is_public(address) or any(address in network for network in added)


def resolved(host: str, port: int) -> list[Address]:
    """Return all addresses of a name, or of an address that is written as one; none if it has none.

    Takes as long as the system's resolver does.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ip_address(place[0]) for *_, place in found]


def _is_public(address: Address) -> bool:
    if any(address in network for network in _SPECIAL):
        return False
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)
