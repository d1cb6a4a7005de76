"""The stack programs, one package a layer: `program(config, context, inputs) -> outputs`.

Must never be imported by anything but the runner: importing one pulls in Pulumi and its global state.
"""
