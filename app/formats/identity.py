"""Names of coverages and entries that stay the same wherever the journal is served.

A name is made of what a journal carries with it: when the coverage was created, its slug, and the
entry's id. It survives another public address, another host, an export with an import, and a
restored backup, which has a new epoch; a copy under another slug is another coverage.

Source: RFC 9562, section 5.5 (UUID version 5); RFC 4151 is not used, since its names hold a host.
"""

from uuid import UUID, uuid5

from app.formats.public_json import format_time
from app.timeline.coverage import Coverage

_NAMESPACE = UUID("6a6b0c1e-2f5d-5c0e-9d35-6f1f0a9c8b47")


def coverage_urn(coverage: Coverage, part: str = "") -> str:
    """The name of a coverage, or of a part of it.

    Args:
        coverage: any.
        part: what tells the part from others of the coverage, `entry/ID` say.
    """
    name = "/".join((format_time(coverage.created_at), coverage.slug, part))
    return uuid5(_NAMESPACE, name).urn
