"""Addresses and networks as text: read in one way wherever a caller, a proxy or a facility's network is judged."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network


@lru_cache(maxsize=1024)
def address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an IP address: without its zone, an IPv4 address mapped into IPv6 as IPv4; None for what is none."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def network(text: str, *, strict: bool = True) -> IPv4Network | IPv6Network:
    """Read a network in CIDR, or an address as a network of one; raises ValueError, when strict also for set host bits."""
    return ip_network(text.strip(), strict=strict)


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read networks or addresses separated by commas, host bits ignored (the form of settings). Raises ValueError."""
    return tuple(network(part, strict=False) for part in text.split(",") if part.strip())
