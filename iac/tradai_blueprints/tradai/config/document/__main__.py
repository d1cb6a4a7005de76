"""The command line of the document; must never hold more than the call."""

import sys

from tradai_blueprints.tradai.config.document import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
