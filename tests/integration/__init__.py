"""Against real brokers, as ordinary processes on loopback."""
