"""The wire of the emulated account."""
