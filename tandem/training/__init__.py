"""Learns the matcher's numbers from labelled pairs; it never changes what the matcher looks at."""
