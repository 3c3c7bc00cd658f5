"""Who sends a request, for all that counts by address."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

# Who has one address of IPv6 has all that begin with as many bits: what one customer is given.
_ONE_SENDER: Final = 64


def sender_of(address: str | None) -> str:
    """Return what stands for an address: of IPv6 its network, of a mapped IPv4 the IPv4.

    Whatever is none, such as a socket in the file system, is "unknown".
    """
    try:
        known = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or ip_network((int(known), _ONE_SENDER), strict=False))
    return str(known)
