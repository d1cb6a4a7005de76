"""What each layer takes from upstream and what it exports, as dataclasses of names (001 §10, 000 outputs).

The DAG of a blueprint follows from these declarations. Must never import Pulumi at run time, a stack program or
a value: only names and types live here.
"""
