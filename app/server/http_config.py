"""HTTP configuration: limits and time-outs of the HTTP protocol."""

from dataclasses import dataclass, field

from app.server.data_rate import MinDataRate


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """The limits and time-outs of the HTTP protocol.

    Args:
        head_limit: bytes of a request's target, fields and trailers; each field counts 32 more.
        head_patience: seconds for a head, from its first byte or from the start of the connection.
        data_rate: the minimum rate for request bodies and answers.
        descriptors: files and connections that this process may have open for its clients.
        connections_per_address: the most connections of one address that are no streams.
        connections_per_second: sustained rate of new connections of one address; the burst is
            five seconds' worth.
        trusted: addresses of trusted proxies. A proxy's connections serve many clients, so they
            are not limited by address.
    """

    head_limit: int = 32 * 1024
    head_patience: float = 20.0
    data_rate: MinDataRate = field(default_factory=MinDataRate)
    descriptors: int = 16_384
    connections_per_address: int = 500
    connections_per_second: int = 200
    trusted: str = "127.0.0.1,::1"
