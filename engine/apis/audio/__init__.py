"""Speech, and what is recorded of it."""
