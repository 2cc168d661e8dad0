"""Pictures and video: how they come in, which sizes are made of them, and where they are kept."""
