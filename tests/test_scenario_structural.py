"""All that a network is built from is marked structural: a change rebuilds it, a cache relies on it."""

from __future__ import annotations

import datetime

import pytest
from pydantic import BaseModel

from sim.scenario import load
from sim.scenario.catalogue import read_catalogue
from sim.scenario.checks import reformable_paths
from sim.scenario.county_network import county_network
from sim.scenario.textbook_network import textbook_network
from sim.scenario.timeline import is_structural


class Watched:
    """Stands in for settings and notes every value that is read."""

    def __init__(self, model, path, read):
        self.__dict__.update(model=model, path=path, read=read)

    def __getattr__(self, name):
        place = f"{self.path}.{name}".lstrip(".")
        self.read.add(place)
        accessor = getattr(type(self.model), name, None)
        if isinstance(accessor, property):
            return accessor.fget(self)
        value = getattr(self.model, name)
        is_section = isinstance(value, BaseModel) and place.split(".")[0] in ("world", "levers", "behaviour")
        return Watched(value, place, self.read) if is_section else value


@pytest.mark.parametrize("name", ["conventional100", "lean40", "textbook/mm5"])
def test_all_that_a_network_is_built_from_is_structural(name):
    plan = load(name)
    read: set[str] = set()
    settings = Watched(plan.settings(datetime.date(2021, 6, 1)), "", read)
    if plan.is_county:
        county_network(settings, read_catalogue(plan.data_folder))
    else:
        textbook_network(settings)
    paths = reformable_paths(plan.scenario)
    used = read & set(paths)
    assert used >= {"behaviour.setup"}
    assert not [path for path in sorted(used) if not is_structural(*paths[path][1:])]
