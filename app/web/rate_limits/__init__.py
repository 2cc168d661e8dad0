"""Rate limits: of streams, writes, sign-ins and the event loop's time."""
