"""What gateways speak: the requests of each API, and the readers of its answers."""
