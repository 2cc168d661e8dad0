"""The doorbell between processes: says that a journal has grown, never what it says.

`open_broker` makes the one that the operator's URL names; `memory`, `postgres` and `redis` are the
three there are. A ring is a hint. The journal is the truth, and a lost ring is healed by a poll.
"""

from app.broker.address import open_broker
from app.broker.broker import Announcement, Broker

__all__ = ["Announcement", "Broker", "open_broker"]
