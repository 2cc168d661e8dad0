"""Broker: change notifications between processes; they never carry the change itself.

`open_broker` creates the broker that the operator's URL names: `memory`, `postgres` or `redis`. A
notification is a hint. The journal is the source of truth, and polling it makes up for a lost
notification.
"""

from app.broker.address import open_broker
from app.broker.broker import Broker, Notification

__all__ = ["Broker", "Notification", "open_broker"]
