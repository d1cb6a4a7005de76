"""The harbour's quay."""
