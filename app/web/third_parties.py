"""Third parties: hosts of other services that the readers' pages of a theme may use.

By default there are none. The setting names them for analytics, consent and adverts, whose scripts
load pictures and frames and send data.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

_KINDS = ("scripts", "frames", "images", "connects")
# A host in a security policy; it cannot contain the start of another directive.
HOST = re.compile(
    r"https?://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?",
    re.ASCII | re.IGNORECASE,
)


class ThirdParties(NamedTuple):
    """The hosts from which a page may load scripts, frames and images, and to which it may send."""

    scripts: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    connects: tuple[str, ...] = ()


def parse_third_parties(parts: Iterable[str]) -> ThirdParties:
    """Parse the parts of the setting: `HOST` for all four kinds, or `KIND=HOST` for one.

    Raises:
        ValueError: a part is neither.
    """
    hosts: dict[str, dict[str, None]] = {kind: {} for kind in _KINDS}
    for part in parts:
        kind, is_one, host = part.rpartition("=")
        if not HOST.fullmatch(host) or (is_one and kind not in _KINDS):
            raise ValueError(
                "expected hosts such as https://stats.example.org, or for one kind only"
                f" {', '.join(f'{each}=HOST' for each in _KINDS)}"
            )
        for each in [kind] if is_one else _KINDS:
            hosts[each][host] = None
    return ThirdParties(*(tuple(named) for named in hosts.values()))


def check_origins(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the origins that may write, if each is that of one site.

    Raises:
        ValueError: one is not.
    """
    for name in names:
        if "*" in name or not HOST.fullmatch(name):
            raise ValueError("expected origins such as https://cms.example.org, without a path")
    return names
