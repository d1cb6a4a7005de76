"""IAM before the endpoint: a call by an assumed role that its policies do not allow is refused as AWS refuses it.

The sandbox's own static credentials, and so its people, stay free; only the word that a role wants from whoever assumes
it counts for them as well. Must never allow what the role's policies do not say, nor let a refused call reach moto.
"""
