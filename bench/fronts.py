"""The table of proxies: what each of them passes through, and the effect of an outage behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.dateline import dateline
from bench.installation import Absent
from bench.outage import Outage, measure_outage
from bench.proxies import PROXIES, Proxy, in_front
from bench.proxy_checks import ProxyChecks, check_proxy
from bench.table import format_table

Say = Callable[[str], None]


@dataclass(frozen=True)
class Front:
    """A proxy and its measurements; None if there are none, with the reason in `trouble`."""

    name: str
    checks: ProxyChecks | None = None
    away: Outage | None = None
    replaced: Outage | None = None
    trouble: str = ""


def measure_proxies(only: Sequence[str], seconds: float, say: Say) -> list[Front]:
    """Measure every proxy that is installed.

    Args:
        only: words, one of which has to be in a proxy's name; empty for all.
        seconds: the length of an outage.
        say: called with progress messages.
    """
    chosen = [p for p in PROXIES if not only or any(w.lower() in p.name.lower() for w in only)]
    return [_measure(proxy, seconds, say) for proxy in chosen]


def _measure(proxy: Proxy, seconds: float, say: Say) -> Front:
    try:
        name = f"{proxy.name} {proxy.describe_release()}"
        with dateline() as server, in_front(proxy, server.port) as url:
            say(f"{name}: stream, long-poll, WebSocket, If-Match")
            checks = check_proxy(server, url)
            say(f"{name}: {seconds:.0f} s without a server")
            away = measure_outage(server, url, seconds, replaced=False)
            say(f"{name}: {seconds:.0f} s with another server in its place")
            replaced = measure_outage(server, url, seconds, replaced=True)
    except Absent as reason:
        return Front(proxy.name, trouble=str(reason))
    return Front(name, checks, away, replaced)


_HEADS = (
    *("proxy", "stream ms", "long-poll ms", "WebSocket ms"),
    *("ETag", "If-Match", "If-None-Match"),
    *("no server", "lost/twice, post", "another server", "lost/twice, post"),
)


def tabulate_proxies(fronts: Sequence[Front]) -> str:
    """Return the table, followed by what could not be measured."""
    rows = [_row(front) for front in fronts if front.checks]
    absent = [f"{front.name}: {front.trouble}" for front in fronts if front.trouble]
    return "\n\n".join([format_table(_HEADS, rows), *absent])


def _row(front: Front) -> list[float | str | None]:
    checks = front.checks
    assert checks is not None
    times = [checks.stream, checks.long_poll, checks.socket]
    return [
        front.name,
        *("never" if time is None else f"{time:.0f}" for time in times),
        f"`{checks.tag}`",
        str(checks.amended),
        str(checks.unchanged),
        *_cells(front.away),
        *_cells(front.replaced),
    ]


def _cells(outage: Outage | None) -> list[str]:
    assert outage is not None
    statuses = "/".join(str(status or "cut") for status in outage.statuses)
    return [statuses, f"{outage.lost}/{outage.twice}, {outage.posted}"]
