"""The public HTTP interface, read-only: pages, feeds, streams and history."""
