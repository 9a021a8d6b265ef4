"""What a wait that is told for one model costs the other models of its key."""
