"""The decisions, as pure functions over keyed state, and the lane that runs them exactly once; no Kafka client here."""
