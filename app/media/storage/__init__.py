"""Storage for the files of pictures and videos: a folder, or S3-compatible storage."""
