"""Laws of the county itself: what an option may not change, what a lever must change, views that tell the truth."""

import csv
import datetime
import hashlib
import shutil

import numpy as np
import pytest
from conftest import finish_day

from sim.agents.collectives import Collective
from sim.agents.grid_workers import GridWorker
from sim.agents.officials import CommunityWorker, Official, OffQuotaWorker, Worker
from sim.agents.social_organizations import SocialOrganization
from sim.county import County, release
from sim.scenario import builtin_folder, load
from sim.service.ahead import Ahead
from sim.service.layout import IN_SERVICE

SHARE = 20_000 / 464_700
SMALL = {
    "county.residents": 20_000, "levers.staffing_share": 0.40 * SHARE, "levers.off_quota_workers": 73,
    "world.county_task_minutes_million": 72.0 * SHARE, "world.counterparts_above": 460.0 * SHARE,
    "world.overhead_people_per_unit": 8.0 * SHARE, "world.overhead_people_per_institution": 1.5 * SHARE,
    "world.tasking_fte_per_pair": 0.35 * SHARE, "world.auxiliary_minutes_million": 140.0 * SHARE,
    "world.reform_setup_minutes_million": 20.0 * SHARE,
    "run.run_in_days": 20, "run.run_in_structure": "own", "reforms": [],
}  # fmt: skip


def small(name="lean40", **changes):
    """A county of 20,000 residents with staff and standing work in proportion, without dated reforms."""
    return load(name).vary({**SMALL, "run.end": datetime.date(2019, 12, 31), **changes})


def lived(plan, seed=1, days=None):
    county = County(plan, seed=seed)
    while county.running and (days is None or county.day < days):
        county.step()
    return county


def fingerprint(county):
    """Digest of everything that can differ between two counties."""
    t = county.kernel_tables
    digest = hashlib.sha256()
    for table in (t.tally, t.ledger, t.worker, t.hold, t.resident, t.histogram, t.minutes, t.pool):
        digest.update(np.ascontiguousarray(table).tobytes())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def county():
    made = lived(small(), days=60)
    yield made
    release(made)


def test_the_same_seed_lives_the_same_county_and_another_seed_another():
    days = 35
    a, b, c = lived(small(), 1, days), lived(small(), 1, days), lived(small(), 2, days)
    assert fingerprint(a) == fingerprint(b) != fingerprint(c)
    for made in (a, b, c):
        release(made)


@pytest.mark.parametrize("what, to", [("levers.posts_per_official", 1), ("levers.staffing_share", 0.30 * SHARE),
                                      ("levers.attention_rule", "superior_first"), ("levers.structure", "conventional"),
                                      ("levers.transfer.functions", 85), ("behaviour.rework_share", 0.2)])  # fmt: skip
def test_options_that_differ_from_a_date_on_are_identical_before_it(what, to):
    date = datetime.date(2019, 10, 15)
    plan, changed = small(), small(reforms=[{"date": date, "what": what, "to": to}])
    base, option = County(plan, seed=3), County(changed, seed=3)
    while base.date < date:
        base.step()
        option.step()
        assert fingerprint(base) == fingerprint(option), base.date
    for _ in range(10):
        base.step()
        option.step()
    assert fingerprint(base) != fingerprint(option)
    release(base)
    release(option)


def test_requests_and_structures_made_ahead_are_those_made_on_the_day():
    """Over a structural date, and days on which contracts begin, so that the earlier draw does not hold."""
    reforms = [
        {"date": datetime.date(2019, 10, 8), "what": "levers.transfer.functions", "to": 40.0, "source": "test"},
        {"date": datetime.date(2019, 10, 15), "what": "levers.stationed_share", "to": 0.3, "source": "test"},
    ]
    plan = small(reforms=reforms)
    ahead, alone = County(plan, seed=3), County(plan, seed=3)
    ahead._ahead, alone._ahead = Ahead(ahead.root), None
    taken, built = [], []
    take, structure = ahead._ahead.take, ahead._ahead.structure
    ahead._ahead.take = lambda *given: taken.append(take(*given)) or taken[-1]
    ahead._ahead.structure = lambda settings: built.append(structure(settings)) or built[-1]
    while ahead.day < 50:
        ahead.step()
        alone.step()
    assert fingerprint(ahead) == fingerprint(alone)
    assert 40 <= sum(t is not None for t in taken) < 50
    assert [b is ahead.structure for b in built] == [True]


def test_agents_follow_their_people_through_a_change_of_structure():
    date = datetime.date(2019, 10, 8)
    plan = small(reforms=[
        {"date": date, "what": "levers.structure", "to": "lean", "source": "test"}], **{
        "levers.structure": "conventional"})  # fmt: skip
    county = County(plan, seed=3)
    while county.date < date:
        county.step()

    def people():
        return {a.unique_id: (a.spec.id, a.served_minutes, a.fatigue) for a in county.agents if isinstance(a, Worker)}

    def bodies():
        return {a.name: a.unique_id for a in county.agents if isinstance(a, Collective)}

    before, offices, paid = people(), bodies(), county.records.times("official")["paid"]
    county.step()
    after = people()
    n_staff = sum(w.kind == "organization_staff" for w in county.network.workers)
    assert len(after) == len(county.network.workers) - n_staff
    stayed = before.keys() & after.keys()
    assert len(stayed) > 0.9 * len(after) and any(before[i][0] != after[i][0] for i in stayed)
    assert all(after[i][1] >= before[i][1] for i in stayed) and county.records.times("official")["paid"] >= paid
    now = bodies()
    assert set(offices) - set(now) and set(now) - set(offices)
    assert all(now[name] == offices[name] for name in set(now) & set(offices))
    release(county)


def test_a_matter_nobody_asks_for_changes_nothing_else(tmp_path):
    """The matter stands first in the catalogue, so rows move; what the others live through does not."""
    folder = tmp_path / "county"
    shutil.copytree(builtin_folder() / "longgang", folder)
    with open(folder / "matters.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    petition = next(row for row in rows if row["matter"] == "petition_land")
    rows.insert(0, petition | {"matter": "nobody_asks", "volume": "0", "volume_low": "0"})
    with open(folder / "matters.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(petition))
        table.writeheader()
        table.writerows(rows)
    base = lived(small(), 5, 40)
    (tmp_path / "other.toml").write_text('schema = 1\nextends = "lean40"\n[county]\ndata = "county"\n')
    other = lived(small(tmp_path / "other.toml"), 5, 40)
    mine, theirs = base.records.matters(), other.records.matters()
    theirs = theirs[~theirs["matter"].str.contains("nobody_asks")].reset_index(drop=True)
    assert mine.equals(theirs)
    assert base.records.daily().equals(other.records.daily())
    release(base)
    release(other)


def test_every_minute_is_accounted_for(county):
    """The ledgers close as integers for each person (checked daily by the county) and by block over all."""
    ledger = county.records.ledger()
    for kind, rows in ledger.groupby("kind"):
        minutes = rows.set_index("entry")["minutes"]
        beside = ["paid", "overtime", "thinned"]
        assert minutes["paid"] + minutes["overtime"] == pytest.approx(minutes.drop(beside).sum(), abs=1e-6), kind


def test_a_lost_minute_is_noticed(county):
    county.kernel_tables.ledger["idle"][1] += 1
    with pytest.raises(ArithmeticError, match="labour ledger of 1 people"):
        county.records.check_ledgers()
    county.kernel_tables.ledger["idle"][1] -= 1
    county.kernel_tables.tally["resolved"][1] -= 1
    with pytest.raises(ArithmeticError, match="do not add up"):
        county.records.check_ledgers()
    county.kernel_tables.tally["resolved"][1] += 1


def test_mesa_finds_selects_and_collects(county):
    kinds = county.agents_by_type
    assert {Official, OffQuotaWorker, CommunityWorker, GridWorker, SocialOrganization} <= set(kinds)
    busy = kinds[Official].select(lambda o: o.is_busy)
    assert 0 < len(busy) <= len(kinds[Official])
    assert kinds[Official].agg("served_minutes", sum) == pytest.approx(
        county.kernel_tables.ledger["served"][1:][county.kernel_tables.worker["kind"][1:] == 0].sum() / 60e6)
    official = next(iter(kinds[Official]))
    official.fatigue = 0.25
    assert county.kernel_tables.worker["fatigue"][official.row] == np.float32(0.25)
    assert isinstance(official.fatigue, float) and len(official.skills) == len(official.posts)


def test_looking_at_residents_changes_nothing(county):
    before = len(county.agents)
    resident = county.resident(17)
    assert resident.is_present and 0 <= resident.satisfaction <= 1
    assert len(county.residents) == 20_000
    assert sum(1 for _ in county.residents) == 20_000
    assert len(county.agents) == before
    with pytest.raises(AttributeError, match="there are: satisfaction"):
        _ = resident.mood


def test_a_compiled_rule_cannot_be_overridden_in_silence(county):
    class Tireless(Official):
        def tire(self):
            return 0.0

    with pytest.raises(TypeError, match="runs compiled"):
        Tireless(county, 1)


def test_structure_change_keeps_people_and_requests():
    date = datetime.date(2019, 10, 15)
    plan = small("conventional100", reforms=[{"date": date, "what": "levers.structure", "to": "lean"}],
                 **{"levers.staffing_share": 1.0 * SHARE, "levers.off_quota_workers": 100})  # fmt: skip
    county = County(plan, seed=2)
    while county.date < date:
        county.step()
    t = county.kernel_tables
    state = t.request["state"]
    keys = set(t.request["key"][state != 0].tolist())
    opened = t.tally["opened"].sum()
    ids = {w.id for w in county.network.workers}
    fatigue = {w.id: f for w, f in zip(county.network.workers, t.worker["fatigue"][1:].tolist(), strict=True)}
    county.open_day()
    now = county.kernel_tables
    assert county.settings.levers.structure == "lean"
    assert keys <= set(now.request["key"][now.request["state"] != 0].tolist())
    assert now.tally["opened"].sum() == opened
    stay = [i for i, w in enumerate(county.network.workers, start=1) if w.id in ids]
    assert len(stay) > 100
    assert all(now.worker["fatigue"][i] == np.float32(fatigue[county.network.workers[i - 1].id]) for i in stay)
    county.serve_day()
    county.close_day()
    release(county)


def test_a_rebuild_that_changes_nothing_leaves_no_trace():
    """Means of a devolution that devolves nothing: new tables on each date, and every minute as without them."""
    dates = [datetime.date(2019, 10, 9), datetime.date(2019, 10, 17), datetime.date(2019, 11, 6)]
    away = {"levers.rotating_share": 0.4, "levers.stationed_share": 0.1, "levers.posts_per_official": 3,
            "levers.devolved_matters": 0.0, "behaviour.reassign_after_days": 2}  # fmt: skip
    reforms = [{"date": d, "what": "levers.devolution_means", "to": 0.1 * i} for i, d in enumerate(dates, start=1)]
    base, rebuilt = County(small(**away), seed=1), County(small(**away, reforms=reforms), seed=1)
    n, drawers = 0, 0
    while base.date < datetime.date(2019, 11, 12):
        before = rebuilt.network
        drawers += rebuilt.date in dates and (rebuilt.kernel_tables.life["drawer"] != 0).sum()
        base.step()
        rebuilt.step()
        n += rebuilt.network is not before
        a, b = base.kernel_tables, rebuilt.kernel_tables
        for name in ("tally", "ledger", "hold", "resident", "histogram", "minutes", "begun"):
            assert getattr(a, name).tobytes() == getattr(b, name).tobytes(), (name, base.date)
        for name in ("post", "request", "fatigue"):
            assert (a.worker[name] == b.worker[name]).all(), (name, base.date)
    assert n == len(dates) and drawers > 0
    release(base)
    release(rebuilt)


def test_work_in_hand_has_one_holder_over_every_rebuild():
    """Reforms that move people, posts and sites: who keeps work holds its post; ledgers close daily (`close_day`)."""
    reforms = [("2019-10-01", "levers.structure", "lean"), ("2019-10-08", "levers.staffing_share", 0.5 * SHARE),
               ("2019-10-15", "levers.rotating_share", 0.6), ("2019-10-22", "levers.posts_per_official", 4),
               ("2019-10-29", "levers.rotating_share", 0.0), ("2019-11-05", "levers.structure", "conventional")]
    reforms = [{"date": datetime.date.fromisoformat(d), "what": what, "to": to} for d, what, to in reforms]
    county = County(small("conventional100", reforms=reforms,
                          **{"levers.staffing_share": SHARE, "levers.off_quota_workers": 100}), seed=2)  # fmt: skip
    kept = {}
    while county.date < datetime.date(2019, 11, 10):
        before, network = county.kernel_tables.worker["request"], county.network
        n_before = (before != 0).sum()
        county.open_day()
        t = county.kernel_tables
        worker, life = t.worker, t.life
        in_hand, in_drawer = worker["request"][worker["request"] != 0], life["drawer"][life["drawer"] != 0]
        assert sorted([*in_hand, *in_drawer]) == np.flatnonzero(t.request["state"] == IN_SERVICE).tolist()
        assert (life["n_below"][life["drawer"] != 0] > 0).all()
        busy = np.flatnonzero(worker["request"])
        place = worker["hold"][busy].astype(int) - life["desk_hold"][busy]
        assert ((place >= 0) & (place < life["n_desk"][busy].astype(int) + life["n_below"][busy])).all()
        if county.network is not network:
            kept[county.date] = in_hand.size / n_before
        finish_day(county)
    assert len(kept) == len(reforms) and min(kept.values()) > 0.0 and kept[datetime.date(2019, 10, 15)] > 0.5
    release(county)


def test_fewer_officials_leave_more_undone():
    found = {}
    for share in (0.25, 0.40, 1.0):
        county = lived(small(**{"levers.staffing_share": share * SHARE}))
        m = county.records.matters().groupby("attention_class")[["opened", "resolved", "served_minutes"]].sum()
        found[share] = m["resolved"]["elastic"] / m["opened"]["elastic"]
        release(county)
    assert found[0.25] < found[0.40] < found[1.0]


def test_many_posts_cost_set_ups_and_practice():
    found = {}
    for posts in (1, 3, 8):
        county = lived(small(**{"levers.posts_per_official": posts}))
        row = county.records.ledger().query("kind == 'official'").set_index("entry")["minutes"]
        found[posts] = row["setup"]
        release(county)
    assert found[1] < found[3] < found[8]


def test_transfer_moves_minutes_and_costs_supervision():
    date = datetime.date(2019, 10, 1)
    county = lived(small(reforms=[{"date": date, "what": "levers.transfer.functions", "to": 85}],
                         **{"world.market_maturity": 0.9}))  # fmt: skip
    ledger = county.records.ledger().pivot_table(index="entry", columns="kind", values="minutes", aggfunc="sum")
    assert ledger.loc[["county", "requests"], "organization_staff"].sum() > 0
    assert ledger.loc["supervision", "official"] > 0
    assert county.records.matters()["transferred"].sum() > 0
    release(county)


def test_workers_of_all_kinds_are_views(county):
    for worker in county.agents.select(lambda a: isinstance(a, Worker)):
        assert worker.spec.id and worker.unit is not None
