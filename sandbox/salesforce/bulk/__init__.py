"""Bulk API 2.0 jobs: their states, their CSV, and what becomes of each row; it knows no HTTP."""
