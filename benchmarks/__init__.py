"""How fast tiendo is, beside a plain script and beside the naive way: `python -m benchmarks`."""
