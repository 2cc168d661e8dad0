"""The benchmarks behind the performance figures: `python -m bench`; see docs/performance.md."""
