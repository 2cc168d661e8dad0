"""Time-outs of the command-line tools for the HTTP API."""

import httpx

# Most responses are quick, but the import of a hundred megabytes is not.
TIMEOUT = httpx.Timeout(30, read=600)
