"""Formats: pure functions that encode live coverage as text and bytes."""
