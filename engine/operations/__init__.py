"""What takes several requests: embed, speak, moderate, validate credentials."""
