"""Matches two lists of millions at once, in arrays: what `streams.matching.batch` finds, and never anything else."""
