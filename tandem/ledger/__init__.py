"""The SQL read model: fed from the topics exactly once, asked by people; it decides nothing and is never read by a lane."""
