"""How live coverage looks going out: pure functions from values to text and bytes."""
