"""The bell inside one process. Refuses to know where a ring comes from."""

from weakref import WeakSet

from app.broker.broker import Announcement
from app.broker.listener import Listener


class Bell:
    """Every listener of this process; each hears every ring."""

    def __init__(self) -> None:
        # Weak, so that a consumer that just stops iterating is forgotten and not filled for ever.
        self._listeners: WeakSet[Listener] = WeakSet()
        self._closed = False

    def listen(self) -> Listener:
        """Add a listener, which hears what rings from now on."""
        listener = Listener()
        if self._closed:
            listener.close()
        self._listeners.add(listener)
        return listener

    def ring(self, announcement: Announcement) -> None:
        """Ring at every listener; none of them can hold the others up."""
        for listener in self._listeners:
            listener.ring(announcement)

    def close(self) -> None:
        """End every listener, those that come later too."""
        self._closed = True
        for listener in self._listeners:
            listener.close()
