"""What the door waits for, and how much it takes."""

from dataclasses import dataclass, field

from app.server.data_rate import MinDataRate


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """What is waited for, and how much is taken.

    Args:
        head_limit: bytes of a request's target, fields and trailers; each field counts 32 more.
        head_patience: seconds for a head, from its first byte or from the connection's beginning.
        data_rate: how fast a body has to come, and an answer to be taken.
        descriptors: files and connections that this process may have open for its clients.
        connections_per_address: the most connections of one address that are no streams.
        connections_per_second: new ones of an address for long; five seconds' worth at once.
        trusted: proxies, whose connections are those of all their clients and not limited so.
    """

    head_limit: int = 32 * 1024
    head_patience: float = 20.0
    data_rate: MinDataRate = field(default_factory=MinDataRate)
    descriptors: int = 16_384
    connections_per_address: int = 500
    connections_per_second: int = 200
    trusted: str = "127.0.0.1,::1"
