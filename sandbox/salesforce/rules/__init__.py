"""What an admin of an org sets up to refuse or change a save: validation, duplicates, locks, assignment."""
