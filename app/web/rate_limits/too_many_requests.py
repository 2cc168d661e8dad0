"""The refusal of every rate limit that applies to a single caller: 429 with `Retry-After`."""


class TooManyRequests(Exception):
    """The caller sends requests too fast: wait for as long as `Retry-After` says."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many requests: wait {seconds} seconds.")
        self.seconds = seconds
