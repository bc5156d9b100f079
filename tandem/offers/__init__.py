"""What people ask of private offers and what they rule over them, as commands."""
