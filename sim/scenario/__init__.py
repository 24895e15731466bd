"""What if: the scenario language, from a TOML file to the network that the engine serves."""

from sim.scenario.calendar import CALENDARS, workdays
from sim.scenario.files import builtin_folder, builtin_names
from sim.scenario.network import Network
from sim.scenario.plan import Plan, Settings, load
from sim.scenario.problems import Problem, ScenarioError
from sim.scenario.register import register
from sim.scenario.textbook_network import textbook_network

__all__ = [
    "CALENDARS",
    "Network",
    "Plan",
    "Problem",
    "ScenarioError",
    "Settings",
    "builtin_folder",
    "builtin_names",
    "load",
    "register",
    "textbook_network",
    "workdays",
]
