"""The runner: one request in, a journal of engine events, one result out (DESIGN §5).

One process runs one layer once, because Pulumi's SDK keeps global state. It knows nothing of Kubernetes and must
never be imported for its side effects: the operator uses only `contract`, `journal`, `alive`, `backend`, `seal`,
`failure`, `progress` and `tracing`.
"""
