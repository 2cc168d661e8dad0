"""Links of Memento: the Link header and TimeMaps in `application/link-format`.

Source: RFC 7089, sections 2.2 and 5; RFC 8288; RFC 6690.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from app.formats.rfc3339 import format_time
from app.timeline.memento import Mementos, end_of_second

MEDIA_TYPE = "application/link-format"


def format_http_time(second: datetime) -> str:
    """Format a second as in HTTP: `Sun, 20 Jul 1969 20:17:40 GMT`."""
    return format_datetime(second, usegmt=True)


def memento_address(page: str, second: datetime) -> str:
    """Return the address of a memento: the page as of the end of its second."""
    at = format_time(end_of_second(second)).replace(":", "%3A")  # as in a form's query
    return f"{page}?at={at}"


def _link(address: str, relation: str, **attributes: str) -> str:
    values = {"rel": relation, **attributes}
    return f"<{address}>" + "".join(f'; {name}="{value}"' for name, value in values.items())


def _timemap(address: str, relation: str, seconds: Sequence[datetime] = ()) -> str:
    span = {}
    if seconds:
        span = {"from": format_http_time(seconds[0]), "until": format_http_time(seconds[-1])}
    return _link(address, relation, type=MEDIA_TYPE, **span)


@dataclass(frozen=True, slots=True)
class MementoLinks:
    """The links between a page, its TimeGate, its TimeMap and its mementos.

    Args:
        page: the absolute address of the page, which is the original resource.
    """

    page: str

    @property
    def timegate(self) -> str:
        """The address of the page's TimeGate."""
        return f"{self.page}/timegate"

    @property
    def timemap(self) -> str:
        """The address of the page's TimeMap."""
        return f"{self.page}/timemap"

    def header(self, mementos: Mementos | None = None, *, is_timegate: bool = False) -> str:
        """Return the value of the header `Link`.

        Args:
            mementos: those around the response's; None for a page of the present.
            is_timegate: whether the response is the TimeGate's own.
        """
        links = [_link(self.page, "original")]
        if not is_timegate:
            links.append(_link(self.timegate, "timegate"))
        links.append(_timemap(self.timemap, "timemap"))
        return ", ".join([*links, *(self._neighbours(mementos) if mementos else ())])

    def _neighbours(self, mementos: Mementos) -> Iterable[str]:
        by_relation = {
            "first": mementos.first,
            "prev": mementos.previous,
            "": mementos.current,
            "next": mementos.next,
            "last": mementos.last,
        }
        relations: dict[datetime, list[str]] = {}
        for relation, second in by_relation.items():
            if second is not None:
                relations.setdefault(second, []).append(relation)
        for second, names in sorted(relations.items()):
            yield self._memento(second, " ".join([*filter(None, names), "memento"]))

    def _memento(self, second: datetime, relation: str) -> str:
        address = memento_address(self.page, second)
        return _link(address, relation, datetime=format_http_time(second))

    def timemap_page(self, seconds: Sequence[datetime], number: int | None) -> bytes:
        """Return a TimeMap that lists mementos.

        Args:
            seconds: those of its mementos, ascending, at least one.
            number: which page of the TimeMap this is; None if it is the only one.
        """
        own = self.timemap if number is None else self._page_address(number)
        links = [
            _link(self.page, "original"),
            _link(self.timegate, "timegate"),
            _timemap(own, "self", seconds),
        ]
        if number is not None:
            links.append(_timemap(self.timemap, "timemap"))
        for place, second in enumerate(seconds):
            names = ["first"] if place == 0 and number in {None, 1} else []
            if number is None and place == len(seconds) - 1:
                names.append("last")
            links.append(self._memento(second, " ".join([*names, "memento"])))
        return _document(links)

    def timemap_index(self, pages: Sequence[Sequence[datetime]]) -> bytes:
        """Return a TimeMap that lists its pages; of each the first and the last second are used."""
        links = [
            _link(self.page, "original"),
            _link(self.timegate, "timegate"),
            _timemap(self.timemap, "self", (pages[0][0], pages[-1][-1])),
        ]
        for number, seconds in enumerate(pages, 1):
            links.append(_timemap(self._page_address(number), "timemap", seconds))
        return _document(links)

    def _page_address(self, number: int) -> str:
        return f"{self.timemap}?page={number}"


def _document(links: Iterable[str]) -> bytes:
    return (",\n".join(links) + "\n").encode()
