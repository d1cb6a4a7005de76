"""Packages that are installed beside the product, in an environment of their own: what anybody may bring."""
