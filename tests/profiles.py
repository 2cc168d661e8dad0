"""How hard Hypothesis tries: by itself a glance, in CI a search that comes out the same each time.

No deadline: two cores that other work shares say nothing about a slow example.
"""

import os

from hypothesis import settings

settings.register_profile("default", deadline=None, max_examples=40)
settings.register_profile(
    "ci", deadline=None, max_examples=40, derandomize=True, database=None, print_blob=True
)
# A long search for what breaks a law: pytest --hypothesis-profile=search FILE
settings.register_profile("search", deadline=None, max_examples=1_000)
# That of pytest --full.
settings.register_profile("full", deadline=None, max_examples=300)
settings.load_profile("ci" if os.environ.get("CI") else "default")
