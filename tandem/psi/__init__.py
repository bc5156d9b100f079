"""Private set intersection: two parties find what both lists hold, and no third party takes part; no list leaves its side."""
