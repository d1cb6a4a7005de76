"""The systems that can be built, a folder each: declaration, values, contracts, stack programs, account rights.

Found by entry points (`tradai.blueprints`), as those of any other package are. A blueprint imports `tradai_iac` alone,
and must never be imported by a tree: whoever reads one gets its declaration from `tradai_iac.blueprints`.
"""
