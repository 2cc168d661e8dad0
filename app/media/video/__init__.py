"""Videos: opened by FFmpeg in the media worker, checked, and rewritten for browsers."""
