"""`python -m riskcli`."""

import sys

from riskcli.cli import main

if __name__ == "__main__":
    sys.exit(main())
