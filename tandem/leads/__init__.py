"""Who has which lead and why, what people rule of it, and what routing rules would do."""
