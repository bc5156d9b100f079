"""The wire: routes, sessions, headers and faults around the org; it decides nothing about data."""
