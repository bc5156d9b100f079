"""Writes what is made from code: JSON Schemas, AsyncAPI, reference pages; it never runs outside of a source tree."""
