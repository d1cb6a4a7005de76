"""Which tests run when: at each save, before a change is taken, in the background.

Three rings (docs/TESTING.md): *check* holds what needs no server, *core* one true life of everything, *deep* the rest.
`make test` plays check, core and one slice of deep; `just deep` plays all there is. Must never leave a test out of
every ring: a file that no table names is deep.
"""
