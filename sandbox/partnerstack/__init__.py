"""An emulated PartnerStack account on a real HTTP wire; development and tests only."""
