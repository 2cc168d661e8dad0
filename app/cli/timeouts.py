"""How long the tools wait for the HTTP API."""

import httpx

# Stored answers are quick, an import of a hundred megabytes is not.
TIMEOUT = httpx.Timeout(30, read=600)
