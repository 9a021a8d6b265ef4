"""What a model or gateway refuses, and how the request is said otherwise."""
