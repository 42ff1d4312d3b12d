"""The command `yba` as an operator types it, within this process: its own start-up is proved in tests/cli, once and not at each line of a story."""

import logging
import subprocess
import sys
from unittest import mock

from click.testing import CliRunner

from yba.cli.main import main


def typed(*words: object) -> subprocess.CompletedProcess[str]:
    """Run `yba words…` on the database of this test; returns what a process would have: exit code, standard output, standard error."""
    arguments = ["yba", *map(str, words)]
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level  # a command sends its log to its own standard error, which ends with it
    with mock.patch.object(sys, "argv", arguments), CliRunner().isolation() as (out, err, _):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code
        finally:
            sys.stdout.flush()
            root.handlers[:] = handlers
            root.setLevel(level)
    return subprocess.CompletedProcess(
        arguments, code if isinstance(code, int) else int(code is not None), out.getvalue().decode(), err.getvalue().decode()
    )
