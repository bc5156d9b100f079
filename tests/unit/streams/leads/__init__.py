"""Lead routing."""
