"""Metrics and a status page for the operator; imported only where the environment asks for them."""
