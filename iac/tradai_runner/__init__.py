"""The runner: one request in, a journal of engine events, one result out (DESIGN §5).

One process runs one layer once, because Pulumi's SDK keeps global state. The modules beside this one make up a run; the
rooms below are ordered, each importing only what lies under it (pyproject.toml). Must never know of Kubernetes, nor be
imported for its side effects: whoever asks for runs uses its contract, its journal and what reads a stack.
"""
