"""health-check: asks every service how it is, and tells people once when one is down and once when it is back."""
