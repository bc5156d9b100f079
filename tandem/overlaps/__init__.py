"""What people ask and rule over the accounts that we share with partners, as commands."""
