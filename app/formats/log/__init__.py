"""Transparency log of a coverage: what its journal commits to, and the checkpoint that says so."""
