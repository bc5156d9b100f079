"""Co-sell: what AWS Partner Central has to be told of a deal next, and what stands in the way; it sends nothing itself."""
