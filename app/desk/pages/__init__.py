"""The HTML of the desk."""
