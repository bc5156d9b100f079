"""What people ask of partners, as commands."""
