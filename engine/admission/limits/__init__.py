"""How much a gateway takes: pure algorithms, without clock or thread."""
