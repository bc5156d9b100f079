"""A strict HubSpot CRM emulator: what the platform refuses, it refuses; it never talks to the real one."""
