"""The contracts that every part of Tandem speaks: entities, messages, topics and their encoding; it never does I/O."""
