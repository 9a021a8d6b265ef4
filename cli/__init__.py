"""What people run at a terminal: explain an error, check a gateway. Never in the package."""
