"""Notifications between processes: that a journal has grown, never by what.

`open_broker` makes the one that the operator's URL names: `memory`, `postgres` or `redis`. A
notification is a hint. The journal is the truth, and a lost notification is healed by a poll.
"""

from app.broker.address import open_broker
from app.broker.broker import Broker, Notification

__all__ = ["Broker", "Notification", "open_broker"]
