"""The command ``yba``."""

from __future__ import annotations

from yba.cli.main import main

if __name__ == "__main__":
    main()
