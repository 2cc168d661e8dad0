"""Rate limits: for streams, writes, sign-ins and the event loop's time."""
