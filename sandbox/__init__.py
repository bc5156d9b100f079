"""Vendor emulators on real wires, for development and tests; the product never imports this package."""
