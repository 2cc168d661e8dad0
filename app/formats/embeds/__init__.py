"""Embeds: posts, videos, recordings and documents of other sites, given by their addresses."""
