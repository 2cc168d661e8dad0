"""Pictures: read, checked and made in their sizes; runs in the worker."""
