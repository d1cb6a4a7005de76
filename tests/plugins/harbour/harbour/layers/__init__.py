"""The stack programs, one package a layer. Must never be imported by anything but whoever runs them."""
