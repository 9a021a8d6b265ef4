"""`resilient-gateway build`: a plugin for one gateway, with exactly its models."""
