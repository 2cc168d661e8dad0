"""Identity: ids of coverages and entries that do not depend on the server's address.

An id is computed from data that the journal contains: the coverage's time of creation, its slug,
and the entry's id. It stays the same with another public address, on another host, after an export
and import, and after a restored backup, which has a new epoch; a copy with another slug is another
coverage.

Source: RFC 9562, section 5.5 (UUID version 5); RFC 4151 is not used: its names contain a host.
"""

from uuid import UUID, uuid5

from app.formats.rfc3339 import format_time
from app.timeline.coverage import Coverage

_NAMESPACE = UUID("6a6b0c1e-2f5d-5c0e-9d35-6f1f0a9c8b47")


def coverage_urn(coverage: Coverage, part: str = "") -> str:
    """The URN of a coverage, or of a part of it.

    Args:
        coverage: any coverage.
        part: identifies the part in the coverage, such as `entry/ID`; empty for the coverage.
    """
    name = "/".join((format_time(coverage.created_at), coverage.slug, part))
    return uuid5(_NAMESPACE, name).urn
