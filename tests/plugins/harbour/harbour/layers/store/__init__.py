"""The harbour's store."""
