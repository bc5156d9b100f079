"""Tables that a business person can review: vendor field to canonical field, by named two-way converters."""
