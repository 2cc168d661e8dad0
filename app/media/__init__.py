"""Pictures and video: what comes in, what is made of it, and where it is kept."""
