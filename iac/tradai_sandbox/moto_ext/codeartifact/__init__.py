"""AWS CodeArtifact for moto: domains, repositories, their tags and endpoints.

Must never hold packages: nothing in the sandbox publishes any.
"""
