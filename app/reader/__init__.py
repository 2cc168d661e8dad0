"""The public door: pages, streams and history, for reading only."""
