"""Pictures: reading, checks and renditions; runs in the media worker."""
