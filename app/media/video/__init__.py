"""Videos: opened by FFmpeg in the worker, checked, and written anew for browsers."""
