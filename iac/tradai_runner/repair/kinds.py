"""The kinds of operations that a state notes as under way. Must never load more than its own words."""

from typing import Final

#: The one kind that the engine neither settles nor forgets by itself: it might make the resource twice.
CREATING: Final = "creating"
DELETING: Final = "deleting"
#: Interrupted work on a resource that the state knows: reading the resource anew says how far it came. The engine
#: then forgets the entry by itself.
KNOWN: Final = frozenset({"updating", DELETING})
#: Interrupted reading changed nothing.
HARMLESS: Final = frozenset({"reading", "importing"})
