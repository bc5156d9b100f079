"""The edges: one module or package per system, each a source of changes, a sink of writes, or both; they never see a broker."""
