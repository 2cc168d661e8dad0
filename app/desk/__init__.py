"""The newsroom's door, the only room that writes."""
