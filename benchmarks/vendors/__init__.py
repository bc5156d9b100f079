"""What `benchmarks/api_cost.py` measures against: emulated systems full of accounts, and the fewest calls that would do."""
