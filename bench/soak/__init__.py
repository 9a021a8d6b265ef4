"""Does the plugin stay as it is for hours, whatever its gateways do? `make soak`."""
