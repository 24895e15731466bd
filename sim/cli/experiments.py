"""`leancounty experiment`: list the experiments, carry one out, write what it found.

A script of `experiments/` is a docstring whose first line is its question, `PROFILES` (name -> `Profile`), and
`study(given: Setting) -> Found`. It runs on its own by handing its path to `main`.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.terminal import Clock, ProgressBar, say_failures, write_results

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from sim.report.experiment import Found, Profile

DONE, SOME_FAILED = 0, 3


def experiments_folder() -> Path:
    """Folder of the scripts: inside an installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "experiments"
    return inside if inside.is_dir() else package.parent / "experiments"


def scripts() -> list[Path]:
    """The experiments' scripts by number."""
    return sorted(experiments_folder().glob("e[0-9][0-9]_*.py"))


def question_of(script: Path) -> str:
    """The docstring of a script, read without running it."""
    return ast.get_docstring(ast.parse(script.read_text("utf-8"))) or ""


def find(name: str) -> Path:
    """The script that is meant: `levers`, `e04` or `e04_levers`, or the path of a script of your own.

    Raises:
        UsageError: when there is none.
    """
    if name.endswith(".py"):
        if not Path(name).is_file():
            raise click.UsageError(f"{name}: there is no such file")
        return Path(name)
    known = {word: path for path in scripts() for word in (path.stem, *path.stem.split("_", 1))}
    if name in known:
        return known[name]
    from sim.scenario.problems import nearest

    meant = nearest(name, known)
    names = ", ".join(path.stem.split("_", 1)[1] for path in scripts())
    raise click.UsageError(
        f'there is no experiment "{name}"' + (f'; did you mean "{meant}"?' if meant else ".") + f" There are: {names}"
    )


@click.command()
@click.argument("name", required=False)
@click.option(
    "--profile", metavar="quick|paper", default="quick", show_default=True, help="How large: minutes, or hours."
)
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder; else results/NAME/PROFILE.")
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="Processes; by default one a processor.")
def experiment(name: str | None, profile: str, out: Path | None, workers: int | None) -> int:
    """Carry out experiment NAME (levers, e04 or e04_levers); without NAME list what there is."""
    if name is None:
        width = max((len(path.stem) for path in scripts()), default=0)
        for path in scripts():
            click.echo(f"{path.stem:<{width}}  {question_of(path).splitlines()[0]}")
        return DONE
    return carry_out(find(name), profile, out, workers)


def carry_out(script: Path, profile: str, out: Path | None, workers: int | None) -> int:
    """Carry out a script and write its folder, the manifest last.

    Raises:
        UsageError: when the script has no such profile.
        FolderError: when the folder cannot take the results; nothing was run then.
    """
    from sim.report.experiment import EveryRunFailed
    from sim.runs.manifest import digest_of
    from sim.runs.store import check_folder

    clock = Clock()
    prepared = prepare(script, profile)
    out = out or Path("results") / script.stem / profile
    check_folder(out, digest_of(prepared.identity))
    try:
        found, files, record = study(prepared, workers)
    except EveryRunFailed as error:
        say_failures(error.failures)
        click.echo("every run failed; nothing was written", err=True)
        return SOME_FAILED
    write_results(out, prepared.identity, [], files, found.failures, clock, experiment=record)
    say_failures(found.failures)
    lost = prepared.profile.lost
    click.echo("\n\n".join(text for text in (found.answer, found.about, lost, f"Results: {out}") if text))
    return SOME_FAILED if found.failures else DONE


@dataclass(frozen=True, slots=True)
class Prepared:
    """An experiment that may begin: its script and module, its profile, and its `identity`."""

    script: Path
    module: ModuleType
    profile_name: str
    profile: Profile
    identity: Mapping[str, Any]


def prepare(script: Path, profile: str) -> Prepared:
    """Read a script and find its profile; nothing is run.

    Raises:
        UsageError: when it is no experiment, or has no such profile.
    """
    from sim.report.experiment import SMOKE
    from sim.runs.manifest import identity, script_files

    module = module_of(script)
    profiles = {"smoke": SMOKE, **module.PROFILES}
    if profile not in profiles:
        raise click.UsageError(f'--profile: "{profile}" is none of {", ".join(module.PROFILES)}')
    options = {"experiment": script.stem, "profile": profile, "files": script_files(script)}
    return Prepared(script, module, profile, profiles[profile], identity("experiment", [], [], options))


def prepare_again(manifest: Mapping[str, Any]) -> Prepared:
    """The experiment of a manifest, if it, its scenarios and their data are still those of then.

    Raises:
        UsageError: when there is no such script, or it has no such profile any more.
        FolderError: naming what has changed.
    """
    from sim.runs.manifest import check_inputs, script_files

    script = find(str(Path(manifest["experiment"]["script"]).expanduser()))
    check_inputs(manifest, script_files(script))
    return prepare(script, manifest["identity"]["options"]["profile"])


def study(prepared: Prepared, workers: int | None) -> tuple[Found, dict[str, bytes], dict[str, Any]]:
    """Carry out an experiment: what it found, the files of its folder, and what its manifest says of it.

    Raises:
        EveryRunFailed: when no run finished.
    """
    from sim.report.experiment import Setting, experiment_files
    from sim.runs.manifest import digest_of, experiment_record

    script, profile = prepared.script, prepared.profile
    with ProgressBar(script.stem, None) as tell:
        given = Setting(script.stem, prepared.profile_name, profile, workers, tell)
        found = prepared.module.study(given)
    files = experiment_files(found, question_of(script), digest_of(prepared.identity))
    size = {
        "replications": profile.replications,
        "changes": {path: str(value) for path, value in profile.changes.items()},
        "sizes": dict(profile.sizes),
    }
    return found, files, experiment_record(_name_of(script), size, given.read, given.ran)


def _name_of(script: Path) -> str:
    """How `find` finds a script again: its name, or its path, seen from here if it lies below."""
    script = script.resolve()
    if script in (path.resolve() for path in scripts()):
        return script.stem
    for start, sign in ((Path.cwd(), ""), (Path.home(), "~")):
        if script.is_relative_to(start):
            return (Path(sign) / script.relative_to(start)).as_posix()
    return script.as_posix()


def module_of(script: Path) -> ModuleType:
    """The script as a module.

    Raises:
        UsageError: when it is no experiment.
    """
    import importlib.util

    stated = importlib.util.spec_from_file_location(re.sub(r"\W", "_", script.stem), script)
    module = importlib.util.module_from_spec(stated)
    sys.modules[stated.name] = module  # dataclasses and pickle look there
    stated.loader.exec_module(module)
    missing: list[Any] = [word for word in ("PROFILES", "study") if not hasattr(module, word)]
    if missing:
        raise click.UsageError(f"{script}: an experiment defines PROFILES and study; missing: {', '.join(missing)}")
    return module


def main(script: str) -> None:
    """What a script does when it is run itself: `leancounty experiment` of that script, with its options."""
    from sim.cli import main as command

    sys.argv = ["leancounty", "experiment", script, *sys.argv[1:]]
    command()
