"""What ArgoCD has to know of environments, written from the Lua in `charts/gitops` and the operator's own words.

Must never hold what ArgoCD is told: the Lua does.
"""
