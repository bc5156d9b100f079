"""What leaves to partners, as commands."""
