"""SOQL: grammar, binding to the schema, evaluation over the store; it never writes."""
