"""pulumi-drift-detector: has the project's runner look for drift where the operator has not, and tells people once."""
