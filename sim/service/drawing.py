"""Drawing the day's requests: who asks today, for what, and where it enters.

In three passes over a few hundred candidates at a time: keys and times, homes, what becomes of each. The reads of
homes, each far from the last, then overlap instead of waiting for each other.
"""

from __future__ import annotations

from numba import float64, int64, uint64

from sim.agents.residents import PRESENT, goes_online
from sim.chance.keys import (
    ACCEPT,
    CHANNEL,
    KIND,
    LAYER,
    REQUEST,
    RESIDENT,
    S12,
    SUPERVISE,
    TIME,
    G,
    below,
    draw,
    mix,
    unit,
)
from sim.chance.laws import exponential
from sim.compiled import kernel, rule
from sim.service.arrivals import LOT, MOST_PARTS, PART_SHIFT
from sim.service.layout import DAY, LIST, ONLINE, OPEN, TRANSFERRED
from sim.service.supply import function_of

_SPARE = uint64(6)
"""Candidates drawn beyond those to be expected until the day's end: more often than not one lot is enough."""


@kernel
def draw_day(root, ordinal, day_start, day_end, t):
    """Draw the requests of the day into the parts of `t.scratch` (see `sim.service.arrivals`).

    Candidates are keyed by seed, stream and calendar day. A stream's rate comes in layers [0, 1), [1, 2), [2, 4) …
    of its base rate, each with keys of its own, and a factor only decides which candidates are accepted: growth
    adds requests and moves none. In a split stream a draw of each candidate picks its family: the thinning of a
    Poisson process, which is exact. Returns their number, or minus the room needed when the table is too small.
    """
    stream, matter, profile, draft, home = t.stream, t.matter, t.profile, t.draft, t.home
    scratch, count, part, supply, bits, units = t.scratch, t.count, t.part, t.supply, t.lot_bits, t.lot_units
    n = 0
    room = scratch.size // MOST_PARTS
    zero, one, n_drafts = uint64(0), uint64(1), uint64(0)
    base = day_start >> PART_SHIFT
    for b in range(MOST_PARTS):
        count[b] = 0
    for s in range(1, stream.size):
        if stream[s]["kind"] == LIST:
            first = int64(stream[s]["first_time"])
            key0 = mix(root ^ stream[s]["id"])
            i, above = int64(0), int64(stream[s]["n_times"])
            while i < above:                    # the first of today, by bisection
                middle = (i + above) // 2
                if t.list_time[first + middle] < day_start:
                    i = middle + 1
                else:
                    above = middle
            while i < stream[s]["n_times"] and t.list_time[first + i] < day_end:
                b = (t.list_time[first + i] >> PART_SHIFT) - base
                j = b * room + count[b]
                if count[b] < room:
                    scratch[j]["when"] = t.list_time[first + i]
                    scratch[j]["key"] = mix(mix(key0 ^ REQUEST) + uint64(i) * G)
                    scratch[j]["stream"] = s
                    scratch[j]["step"] = matter[uint64(stream[s]["matter"])]["first_step"]
                    scratch[j]["resident"] = 0
                    scratch[j]["place"] = stream[s]["place"]
                    scratch[j]["flags"] = 0
                n += 1
                count[b] += 1
                i += 1
            continue
        if stream[s]["kind"] != OPEN:
            continue
        factor = t.factor[stream[s]["driver"]]
        if factor <= 0.0:
            continue
        day_key = mix(mix(root ^ stream[s]["id"]) + uint64(ordinal) * G)
        row, place, n_residents = stream[s]["profile"], stream[s]["place"], stream[s]["n_residents"]
        low, layer = 0.0, 0
        while low < factor:
            width = 1.0 if low == 0.0 else low
            accept = (factor - low) / width
            key = day_key if layer == 0 else draw(day_key, LAYER, layer)
            rate = stream[s]["per_day"] * width
            spacing = 1.0 / rate
            key_time, key_request = key ^ TIME, mix(key ^ REQUEST)
            i, u, hour = zero, 0.0, 0
            c, stop = zero, zero
            while True:
                if c == stop:                               # the next lot of candidates, in vector registers
                    c, stop = zero, uint64(int64((1.0 - u) * rate)) + _SPARE
                    if stop > uint64(LOT):
                        stop = uint64(LOT)
                    for j in range(stop):
                        bits[0, j] = mix(key_request + (i + j) * G)
                        bits[1, j] = draw(bits[0, j], RESIDENT, 0)
                        units[0, j] = exponential(mix(key_time + (i + j) * G)) * spacing
                    i += stop
                k, z = bits[0, c], bits[1, c]
                u += units[0, c]
                c += one
                if u >= 1.0:
                    break
                if accept < 1.0 and unit(draw(k, ACCEPT, 0)) >= accept:
                    continue
                share = u
                if row != 0:
                    while share >= profile[row, hour + 1]:
                        hour += 1
                    share = (hour + (share - profile[row, hour]) / (
                        profile[row, hour + 1] - profile[row, hour])) / 24.0
                when = day_start + int64(share * DAY)
                if when >= day_end:
                    continue
                draft[n_drafts]["key"] = k
                draft[n_drafts]["when"] = when
                draft[n_drafts]["stream"] = s
                draft[n_drafts]["place"] = place
                who = zero
                if n_residents > 0:
                    who = uint64(stream[s]["first_resident"]) + uint64(below(z, n_residents))
                draft[n_drafts]["resident"] = who
                n_drafts += one
                if n_drafts == uint64(draft.size):
                    n += enter(n_drafts, ordinal, base, draft, home, stream, part, matter, supply, scratch, count)
                    n_drafts = zero
            low += width
            layer += 1
    n += enter(n_drafts, ordinal, base, draft, home, stream, part, matter, supply, scratch, count)
    fullest = 0
    for b in range(MOST_PARTS):
        if count[b] > fullest:
            fullest = count[b]
    if fullest > room:
        return -fullest * MOST_PARTS
    return n


@rule
def enter(n_drafts, ordinal, base, draft, home, stream, part, matter, supply, scratch, count):
    """Put the first candidates of `draft` into their parts of the day; returns how many requests they became.

    Nobody asks who is away; of a split stream each is of one family; it enters by the step that serves it: handed
    over, online, or as the stream says; supervision comes with what is handed over.
    """
    zero, one = uint64(0), uint64(1)
    room = scratch.size // MOST_PARTS
    n = 0
    for c in range(n_drafts):
        who = uint64(draft[c]["resident"])
        if who != zero:
            draft[c]["place"] = home[who]["place"]
            draft[c]["flags"] = home[who]["flags"]
    for c in range(n_drafts):
        k, when, s, who = draft[c]["key"], draft[c]["when"], uint64(draft[c]["stream"]), uint64(draft[c]["resident"])
        if who != zero and draft[c]["flags"] & PRESENT == 0:
            continue
        place = draft[c]["place"]
        m = uint64(stream[s]["matter"])
        e, check = uint64(stream[s]["entry"]), uint64(stream[s]["supervision_entry"])
        if stream[s]["n_parts"] > 1:                        # which of the families that share the stream
            f = uint64(stream[s]["first_part"])
            last = f + uint64(stream[s]["n_parts"]) - one
            z = draw(k, KIND, 0) >> S12
            while f < last and z >= part[f]["below"]:
                f += one
            m = uint64(part[f]["matter"])
            e, check = uint64(part[f]["step"]), uint64(part[f]["supervision_step"])
        if e == zero:
            e = uint64(matter[m]["first_step"])
        flags = 0
        supervised = 0.0
        if matter[m]["transfer_share"] > 0.0 or matter[m]["relieves"] == 0:
            f = function_of(k, matter[m]["first_function"], matter[m]["n_functions"])
            if supply[f]["step"] != 0:
                e, flags = uint64(supply[f]["step"]), TRANSFERRED
                supervised = matter[m]["supervision_share"]
                if ordinal < supply[f]["until"]:
                    supervised += supply[f]["extra"]
            elif matter[m]["relieves"] == 0:                # a new service that nobody offers is not asked for
                continue
        if flags == 0 and matter[m]["digital_share"] > 0.0 and goes_online(
                float64(home[who]["digital"]), unit(draw(k, CHANNEL, 0)), matter[m]["digital_share"]):
            e, flags = uint64(matter[m]["online_step"]), ONLINE
        b = (when >> PART_SHIFT) - base
        while True:                                         # the request, and the supervision that comes with it
            if count[b] < room:
                j = b * room + count[b]
                scratch[j]["when"] = when
                scratch[j]["key"] = k
                scratch[j]["stream"] = s
                scratch[j]["step"] = e
                scratch[j]["resident"] = who
                scratch[j]["place"] = place
                scratch[j]["flags"] = flags
            n += 1
            count[b] += 1
            if supervised <= 0.0 or matter[m]["supervision"] == 0 or unit(draw(k, SUPERVISE, 0)) >= supervised:
                break
            if check == zero:
                check = uint64(matter[uint64(matter[m]["supervision"])]["first_step"])
            k, e, who, flags, supervised = mix(k ^ SUPERVISE), check, zero, 0, 0.0
    return n
