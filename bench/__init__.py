"""What the performance figures come from: `python -m bench`, explained in docs/performance.md."""
