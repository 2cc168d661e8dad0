"""Pictures and videos: how they are ingested, which renditions are made, where they are stored."""
