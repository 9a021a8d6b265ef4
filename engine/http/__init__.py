"""HTTP to a gateway: connections, and what their bytes are made of."""
