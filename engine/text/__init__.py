"""What is true of any text: how many tokens it has, and whether it is JSON."""
