"""Writes what is made from code, in a source tree: JSON Schemas, AsyncAPI, reference pages; never runs in production."""
