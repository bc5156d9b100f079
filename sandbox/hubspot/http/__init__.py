"""The wire: routes, sessions, headers and faults around the portal; it decides nothing about data."""
