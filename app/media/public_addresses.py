"""Public addresses: which IP addresses belong to the Internet, and to no network of the operator's.

Sources: IANA's special-purpose address registries (RFC 6890 and its updates); RFC 6052 (NAT64) and
RFC 3056 (6to4), whose addresses lead on to IPv4 addresses.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_network

IpAddress = IPv4Address | IPv6Address

_UNICAST = ip_network("2000::/3")
# Beside what `is_global` refuses, which differs between versions of Python.
_SPECIAL = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
# A name server that does not answer keeps a thread for longer than any time limit here. The threads
# of the event loop are few, and uploads and long answers need them.
_THREADS = ThreadPoolExecutor(8, thread_name_prefix="resolve")


def is_public(address: IpAddress) -> bool:
    """Whether an address is of a host on the Internet.

    Outside of `2000::/3` IPv6 has no such host: there are loopback, link-local and unique local
    addresses, multicast, IPv4-mapped addresses and NAT64.
    """
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    if address.is_multicast or not address.is_global:
        return False
    return not any(address in network for network in _SPECIAL)


async def resolve(host: str, port: int) -> list[tuple[str, int]]:
    """Resolve a host name; returns IP addresses with the port.

    Raises:
        OSError: it cannot be resolved.
    """
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_THREADS, look_up)
    return [(str(address[0]), int(address[1])) for *_, address in found]
