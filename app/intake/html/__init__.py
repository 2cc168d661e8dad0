"""Foreign HTML, as the few simple blocks that a body is made of."""
