"""Mesa agents as views of rows: who they are, and how they follow their rows when the structure changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.collectives import Collective, Community, Department
from sim.agents.grid_workers import GridWorker
from sim.agents.officials import CommunityWorker, Official, OffQuotaWorker, Server, Worker

if TYPE_CHECKING:
    from sim.county import County

_AGENT_TYPES = {"official": Official, "off_quota": OffQuotaWorker, "community_worker": CommunityWorker,
                "grid_worker": GridWorker, "server": Server, "organization_staff": None}


def view_people(county: County, came: dict[str, int]) -> None:
    """One agent for each row of those who serve; staff of organizations are seen as organizations.

    Args:
        county: whose network is in force, agents of an earlier one included.
        came: former row of everybody who served before, by id; their agents follow them.
    """
    now = {came[w.id]: i for i, w in enumerate(county.network.workers, start=1) if w.id in came}
    viewed = set()
    for agent in [agent for agent in county.agents if isinstance(agent, Worker)]:
        if agent.row in now:
            agent.row = now[agent.row]
            viewed.add(agent.row)
        else:
            agent.remove()
    for i, worker in enumerate(county.network.workers, start=1):
        kind = _AGENT_TYPES[worker.kind]
        if kind is not None and i not in viewed:
            kind(county, i)


def view_bodies(county: County) -> None:
    """One agent for each department and community; those that stay keep theirs."""
    pool_post, pool_site = county.index.pool_post, county.index.pool_site
    posts = list(county.index.post)
    post_of = {p.id: p for p in county.network.posts}
    level = np.array([""] + [post_of[posts[i]].level for i in pool_post[1:]])
    unit = np.array([""] + [post_of[posts[i]].unit for i in pool_post[1:]])
    pools = {(Department, name): np.flatnonzero(unit == name)
             for name in sorted(set(unit[np.isin(level, ("county", "middle"))]) - {""})}
    pools |= {(Community, name): np.flatnonzero((level == "community") & (pool_site == site))
              for site, name in enumerate(county.network.site_names.get("community", ()))}
    for body in [agent for agent in county.agents if isinstance(agent, Collective)]:
        mine = pools.pop((type(body), body.name), None)
        if mine is None:
            body.remove()
        else:
            body.pools = mine
    for (kind, name), rows in pools.items():
        kind(county, name, rows)
