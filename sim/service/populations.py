"""Finite populations: customers who think, ask, are served, and think again; each holds a request row for good."""

from __future__ import annotations

import numpy as np

from sim.agents.workers import US
from sim.chance.keys import PERSON, THINK, draw, mix
from sim.chance.laws import exponential
from sim.scenario.network import Network
from sim.service.change import with_room
from sim.service.layout import DAY, THINKING, Tables


def with_closed_populations(t: Tables, network: Network, root: np.uint64, n_days: int) -> Tables:
    """Tables with the customers of closed populations, each of whom begins by thinking.

    Args:
        t: tables at the start of a run.
        network: which has the streams of that kind.
        root: root of the keys.
        n_days: days of the run; who thinks longer never asks.
    """
    for i, stream in enumerate(network.streams, start=1):
        if stream.kind != "closed":
            continue
        t = with_room(t, stream.size)
        matter = int(t.stream["matter"][i])
        for n in range(stream.size):
            q = int(t.free[0])
            t.free[0] = t.request["pool"][q]
            t.free[1] += 1
            key = np.uint64(draw(np.uint64(mix(root ^ t.stream["id"][i])), PERSON, np.uint64(n)))
            t.request["key"][q], t.request["place"][q] = key, stream.place
            t.request["step"][q] = t.matter["first_step"][matter]
            t.request["state"][q], t.request["due"][q] = THINKING, 2**62
            think = round(US * stream.think.first * exponential(np.uint64(draw(key, THINK, np.uint64(0)))))
            event = t.worker.size + q
            day = min(think // DAY, n_days)
            t.event["due"][event] = think
            head = int(t.agenda[day])
            t.event["next"][event], t.event["prev"][event] = head, 0
            if head:
                t.event["prev"][head] = event
            t.agenda[day] = event
    return t
