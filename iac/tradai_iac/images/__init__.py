"""The container images of an environment: which ones its layers run, where they are kept, how they get there.

A layer is deployed by digest, so each tag is resolved before the layer runs. Must never be imported for its side
effects: `wanted` and `standin` are pure, `registry` alone reaches AWS, `engine` alone starts processes.
"""
