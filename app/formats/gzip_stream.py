"""Gzip streams whose frames are compressed once for all readers.

A gzip stream is one deflate stream. A frame that is compressed with a fresh context and ended by a
full flush refers to no earlier bytes, so the same bytes fit into every reader's stream.

Source: RFC 1951, section 3.2; RFC 1952, section 2.3.
"""

import zlib

GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no name, no time, no system


def deflate(frame: bytes) -> bytes:
    """Compress a frame so that it fits into any gzip stream."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(frame) + compressor.flush(zlib.Z_FULL_FLUSH)
