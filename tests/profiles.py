"""Hypothesis profiles: a short search by default, a reproducible one in CI.

There is no deadline: on a loaded machine a slow example means nothing.
"""

import os

from hypothesis import settings

settings.register_profile("default", deadline=None, max_examples=40)
settings.register_profile(
    "ci", deadline=None, max_examples=40, derandomize=True, database=None, print_blob=True
)
# A long search for counterexamples: pytest --hypothesis-profile=search FILE
settings.register_profile("search", deadline=None, max_examples=1_000)
# For pytest --full.
settings.register_profile("full", deadline=None, max_examples=300)
settings.load_profile("ci" if os.environ.get("CI") else "default")
