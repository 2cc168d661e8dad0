"""Foreign HTML, reduced to the few simple blocks that a body may contain."""
