"""What people rule over the reconciliation, as commands."""
