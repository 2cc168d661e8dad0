"""HTTP manners that the newsroom's door and the public door share."""
