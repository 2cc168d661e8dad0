"""Entry point: `python -m app` runs the command `dateline`."""

from app.cli import main

main()
