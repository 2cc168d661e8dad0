"""Importer for the Guardian's live blogs."""
