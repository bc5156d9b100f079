"""Learning record stores for tests: a small one in memory, and the real one of the npm registry."""
