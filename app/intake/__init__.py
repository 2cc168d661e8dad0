"""Input from outside: texts, archives, and the live blogs of other systems."""
