"""The command line: parses and prints, nothing else. Heavy imports happen inside the commands that need them.

Exit status: 0 done; 2 the input is wrong (nothing was written); 3 finished, some runs failed (or a rerun
differs); 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from errno import ENOSPC

import click

from sim.cli.commands import cli

WRONG_INPUT, INTERRUPTED = 2, 130


def main() -> None:
    """Entry of the `leancounty` command: ends the process.

    What was written is flushed; taking the interpreter and its libraries apart is left to the system.
    """
    for name in ("stdout", "stderr"):                       # closed by whoever started us
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))
    status = _main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):                             # whoever read us has enough, or the disk is full: said
            stream.flush()
    os._exit(status)


def _main() -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        status = cli.main(standalone_mode=False)
        sys.stdout.flush()
        return int(status or 0)
    except click.exceptions.Exit as done:
        return done.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _stop()
    except click.ClickException as error:
        click.echo(f"error: {_one_line(error)}", err=True)
        return WRONG_INPUT
    except (BrokenPipeError, SystemExit):  # click turns a closed pipe into SystemExit
        # whoever read us has enough; keep Python from flushing into the closed pipe at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except Exception as error:
        lines = _wrong_input(error)
        if lines is None:
            raise
        for line in lines:
            click.echo(f"error: {line}", err=True)
        return WRONG_INPUT


def _one_line(error: click.ClickException) -> str:
    """A mistake on the command line in one line: what is wrong, and where its help stands."""
    text = " ".join(error.format_message().split()).rstrip(".")
    context = getattr(error, "ctx", None)
    return f"{text} (see {context.command_path} --help)" if context is not None else text


def _wrong_input(error: Exception) -> list[str] | None:
    """Lines for an error that the user can mend; None for a fault of ours."""
    from sim.runs.store import FolderError
    from sim.scenario import ScenarioError

    if isinstance(error, ScenarioError):
        return [str(problem) for problem in error.problems]
    if isinstance(error, FolderError):
        return [str(error)]
    if isinstance(error, OSError) and (error.filename is not None or error.errno == ENOSPC):
        return [f"{error.filename or 'output'}: {error.strerror}"]
    return None


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _stop() -> int:
    click.echo("interrupted; nothing was written", err=True)
    return INTERRUPTED
