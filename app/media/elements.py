"""The elements that a WebM file is made of.

Refuses elements that reach over the end of what holds them. No length is trusted before it was
compared with what is there.

Source: RFC 8794 (EBML), sections 4 to 6.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.media.film import damaged

VOID = 0xEC

_LONGEST_ID, _LONGEST_SIZE = 4, 8  # bytes
_HEAD = _LONGEST_ID + _LONGEST_SIZE


@dataclass(frozen=True, slots=True)
class Element:
    """Where an element stands: its head from `start`, its contents from `body` to before `end`.

    `open_ended` is one that did not know its length when it was begun; `end` is that of its parent.
    """

    id: int
    start: int
    body: int
    end: int
    open_ended: bool = False

    @property
    def length(self) -> int:
        """Bytes of its contents."""
        return self.end - self.body


def read_elements(file: BinaryIO, start: int, end: int) -> Iterator[Element]:
    """The elements between two places of a file, in order; nothing of their contents is read.

    Raises:
        FilmRefused: one of them is longer than its place.
    """
    at = start
    while at < end:
        element = read_element(file, at, end)
        yield element
        at = element.end


def read_element(file: BinaryIO, at: int, end: int) -> Element:
    """The element that begins at a place.

    Raises:
        FilmRefused: there is none, or it is longer than its place.
    """
    file.seek(at)
    head = file.read(min(_HEAD, end - at))
    name, used = _read_number(head, 0, _LONGEST_ID, marked=True)
    size, used = _read_number(head, used, _LONGEST_SIZE)
    body = at + used
    if size < 0:
        return Element(name, at, body, end, open_ended=True)
    if size > end - body:
        raise damaged("it ends in the middle")
    return Element(name, at, body, body + size)


def read_content(file: BinaryIO, element: Element, limit: int) -> bytes:
    """The contents of an element that is short.

    Args:
        file: holds it.
        element: which.
        limit: bytes, at most.

    Raises:
        FilmRefused: they are longer.
    """
    if element.length > limit:
        raise damaged("a part is longer than it may be")
    file.seek(element.body)
    return file.read(element.length)


def read_unsigned(file: BinaryIO, element: Element) -> int:
    """The number in an element."""
    return int.from_bytes(read_content(file, element, 8), "big")


def void(length: int) -> bytes:
    """The head of an element that says nothing and takes a place of so many bytes, of zeros.

    Args:
        length: in bytes, 2 at least, as of every element.
    """
    if length <= _LONGEST_SIZE:
        return bytes([VOID, 0x80 | length - 2])
    return bytes([VOID, 1]) + (length - 9).to_bytes(7, "big")


def _read_number(head: bytes, at: int, longest: int, *, marked: bool = False) -> tuple[int, int]:
    """A number whose first byte tells its length.

    Returns:
        The number (of a size: -1 for the one that says that it is not known), and where it ends.
    """
    first = head[at] if at < len(head) else 0
    length = 9 - first.bit_length()
    if length > longest or at + length > len(head):
        raise damaged("it ends in the middle, or is none that can be read")
    number = int.from_bytes(head[at : at + length], "big")
    if marked:
        return number, at + length
    number &= (1 << 7 * length) - 1
    return (-1 if number == (1 << 7 * length) - 1 else number), at + length
