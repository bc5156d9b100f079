"""What people ask of deal registrations and what they rule over them, as commands."""
