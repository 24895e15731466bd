"""Who sits where when single reforms change the posts: people stay at what they did, as far as it still exists.

Officials are numbered along the sequence of seats of the structure as a whole: the conventional one without
reforms, the lean one with all of them. Under other combinations a person keeps desk and post; those whose front line
is gone (windows into the hall, squads into the team, or back) go where the new front lines are. So one reform moves
those whom it concerns, and nobody loses practice because a seat elsewhere was counted otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from sim.scenario.staffing import Desk, Seats

Seating = tuple[Sequence[Desk], Seats]
Place = tuple[str, int]


def identities(desks: Sequence[Desk], seats: Seats, whole: Seating | None = None) -> list[str]:
    """Id of the official on each seat.

    Who is present at 40 % is present at 45 %, in the same unit: seats are filled in their order, each from the front
    of a list that does not depend on how many there are. (His post may change with the posts that colleagues need.)

    Args:
        desks: units at sites.
        seats: who sits where, in order.
        whole: desks and a longer sequence of seats of the whole structure; None when this is it.
    """
    if whole is None:
        return _numbered(desks, seats)
    groups, before = _groups(desks), _groups(whole[0])
    at_home: dict[Place, deque[tuple[str, Place]]] = {}
    displaced: deque[str] = deque()
    for name, (desk, post) in zip(_numbered(*whole), _places(*whole), strict=True):
        if _group(post) in groups:
            at_home.setdefault(desk, deque()).append((name, post))
        else:
            displaced.append(name)
    found = [""] * len(seats.desk)
    of_desk: dict[Place, list[tuple[int, Place]]] = {}
    for row, (desk, post) in enumerate(_places(desks, seats)):
        if _group(post) in before:
            of_desk.setdefault(desk, []).append((row, post))
        else:
            found[row] = displaced.popleft() if displaced else _newcomer(desk, row)
    for desk, rows in of_desk.items():
        people = [at_home[desk].popleft() for _ in rows if at_home.get(desk)]
        open_rows: dict[Place, deque[int]] = {}
        for row, post in rows:
            open_rows.setdefault(post, deque()).append(row)
        others = []
        for name, post in people:
            if open_rows.get(post):
                found[open_rows[post].popleft()] = name
            else:
                others.append(name)
        left = sorted(row for waiting in open_rows.values() for row in waiting)
        for n, row in enumerate(left):
            found[row] = others[n] if n < len(others) else _newcomer(desk, row)
    return found


def _numbered(desks: Sequence[Desk], seats: Seats) -> list[str]:
    return [
        f"official|{desks[i].domain}|{number + 1}"
        for i, number in zip(seats.desk.tolist(), seats.number.tolist(), strict=True)
    ]


def _newcomer(desk: Place, row: int) -> str:
    return f"official|{desk[0]}|{desk[1]}|{row + 1}"


def _places(desks: Sequence[Desk], seats: Seats) -> list[tuple[Place, Place]]:
    """Desk and post of every seat."""
    found = []
    for i, k in zip(seats.desk.tolist(), seats.post.tolist(), strict=True):
        post = desks[i].place(k)
        found.append(((desks[i].unit, post[1]), post))
    return found


def _group(post: Place) -> str:
    return post[0].rpartition("/")[0]


def _groups(desks: Sequence[Desk]) -> set[str]:
    return {_group(post) for d in desks for post in (*d.posts, *d.portfolios)}
