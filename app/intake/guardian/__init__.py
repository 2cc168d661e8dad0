"""A Guardian live blog, told as our journal."""
