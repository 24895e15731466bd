"""What if: the scenario language, from a TOML file to the network that the engine serves."""

from sim.scenario.calendar import CALENDARS, workdays
from sim.scenario.files import builtin_folder, builtin_names
from sim.scenario.network import Network
from sim.scenario.plan import Plan, Settings, load
from sim.scenario.problems import Problem, ScenarioError
from sim.scenario.register import register
from sim.scenario.textbook_network import textbook_network
from sim.scenario.working_time import WorkingTime, due, moment, worked, working_time

__all__ = [
    "CALENDARS",
    "Network",
    "Plan",
    "Problem",
    "ScenarioError",
    "Settings",
    "WorkingTime",
    "builtin_folder",
    "builtin_names",
    "due",
    "load",
    "moment",
    "register",
    "textbook_network",
    "workdays",
    "worked",
    "working_time",
]
