"""Where the files of pictures and videos are kept: a folder, or S3-compatible storage."""
