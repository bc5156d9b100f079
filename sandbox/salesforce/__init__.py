"""A strict Salesforce REST emulator: what the platform refuses, it refuses; it never talks to the real one."""
