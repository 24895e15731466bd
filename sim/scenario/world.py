"""`[world]`: what government does not choose. A comparison of options holds all of it fixed."""

from __future__ import annotations

import datetime

from sim.scenario.fields import Date, Section, number

BUDGET = "budget of working minutes, docs/ODD.md: back-of-envelope sums on available time"


class World(Section):
    """Demand, the province's digital baseline, the market of suppliers, superiors, absence."""

    demand_factor: float = number(1.0, unit="multiple", low=0.5, high=2.0, at_most=1000)
    """Multiplies all that residents and businesses ask for."""

    demand_growth_per_year: float = number(
        0.03, unit="share per year", low=0.0, high=0.08, at_least=-0.5, at_most=1,
        source="assumption between population growth (0) and the GDP growth of 2024 (0.065)",
    )  # fmt: skip
    """Yearly growth of demand per resident, compounding from the run's start."""

    population_growth_per_year: float = number(
        0.0, unit="share per year", low=-0.01, high=0.02, at_least=-0.5, at_most=1,
    )  # fmt: skip
    """Yearly growth of the number of residents, compounding from the run's start."""

    county_task_growth_per_year: float = number(
        0.016, unit="share per year", low=0.0, high=0.05, at_least=-0.5, at_most=1,
        source=f"{BUDGET}: 72 to 79 million minutes from 2020 to 2025",
    )  # fmt: skip
    """Yearly growth of the work that grows with the county itself (projects, land, inspections, plans)."""

    digital_share_start: float = number(
        0.41, unit="share of requests", low=0.2, high=0.6, status="sourced",
        source="Hangzhou, online share of hall business at the start of 2020 (press, 2021)",
    )  # fmt: skip
    """Share of requests made online on `digital_start`, in the whole province and under every option."""

    digital_share_end: float = number(
        0.70, unit="share of requests", low=0.5, high=0.85,
        source="assumption below Hangzhou's 0.845 at the end of 2020; a county follows the capital later",
    )  # fmt: skip
    """Share of requests made online from `digital_end` on; between the two dates it grows evenly."""

    digital_start: Date = datetime.date(2019, 12, 31)
    """Date until which `digital_share_start` holds."""

    digital_end: Date = datetime.date(2021, 12, 31)
    """Date from which `digital_share_end` holds."""

    market_maturity: float = number(0.3, unit="share of a mature market", low=0.1, high=0.8)
    """How many of the social organizations of a mature market exist, able and willing, at the run's start."""

    market_growth_per_year: float = number(0.05, unit="share of a mature market per year", low=0.0, high=0.15)
    """Yearly rise of market maturity that comes by itself, without any transfer."""

    market_growth_by_contracts: float = number(0.5, unit="share of a mature market", low=0.0, high=1.0)
    """Rise of market maturity when the whole list is in the hands of organizations: contracts teach a market."""

    thin_market_markup: float = number(
        0.10, unit="share of the price", low=0.0, high=0.3,
        source="assumption; fewer than two alternative suppliers on average across 67 services (Girth and others 2012)",
    )  # fmt: skip
    """How much more a bidder asks when nobody bids against it."""

    official_yuan_per_year: float = number(
        275_000, unit="yuan per filled post and year", low=200_000, high=350_000,
        source="assumption: full cost, 200,000 to 350,000; organs of Quanzhou paid wages of 98,567 in 2018",
    )  # fmt: skip
    """Full cost of a filled post: pay, bonuses, insurance, housing fund, later pension."""

    off_quota_yuan_per_year: float = number(
        60_000, unit="yuan per person and year", low=40_000, high=70_000, source="assumption: 40,000 to 70,000"
    )
    """Full cost of an off-quota worker."""

    community_worker_yuan_per_year: float = number(
        60_000, unit="yuan per person and year", low=40_000, high=70_000, source="assumption: 40,000 to 70,000"
    )
    """Full cost of a community worker."""

    grid_worker_yuan_per_year: float = number(
        50_000, unit="yuan per person and year", low=40_000, high=70_000, source="assumption: 40,000 to 70,000"
    )
    """Full cost of a full-time grid worker."""

    overtime_pay_factor: float = number(
        1.5, unit="multiple of ordinary pay", low=1.0, high=3.0, at_most=10, status="sourced",
        source="Labour Law of China, article 44: 150 % on working days",
    )  # fmt: skip
    """What an hour of overtime costs where it is paid."""

    recruitment_yuan_per_hire: float = number(
        15_000, unit="yuan per hire", low=3_000, high=40_000,
        source="assumption: examination, vetting, two weeks of induction; a newcomer's slow start is lived, not paid",
    )  # fmt: skip
    """Recruitment and training of one newcomer."""

    platform_yuan_per_year: float = number(
        12_000_000, unit="yuan per year", low=3_000_000, high=40_000_000,
        source="assumption; the province's digital baseline, the same under every option",
    )  # fmt: skip
    """Platforms, networks and their upkeep."""

    office_square_metres_per_person: float = number(
        15, unit="square metres per official or off-quota worker", low=9, high=24,
        source="assumption; norms for county offices are of this order",
    )  # fmt: skip
    """Office floor kept for each person who works in an office."""

    office_yuan_per_square_metre: float = number(
        1_098, unit="yuan per square metre and year", low=300, high=1_200, status="derived",
        source="derived: Yongren gave up 4,554 square metres and saved 5 million yuan a year (press, 2024-25); "
        "rather the upper end, since that saving was of all running costs",
    )  # fmt: skip
    """Running cost of office floor."""

    weekend_demand: float = number(
        0.5, unit="multiple of a working day", low=0.2, high=1.0, at_most=10,
        source="assumption; no weekday factors found",
    )  # fmt: skip
    """What residents and businesses ask for on an ordinary weekend day."""
    holiday_demand: float = number(
        0.5, unit="multiple of a working day", low=0.2, high=1.0, at_most=10,
        source="assumption; Spring Festival volumes were reported without a base",
    )  # fmt: skip
    """What residents and businesses ask for on a statutory holiday."""
    after_holiday_demand: float = number(
        1.3, unit="multiple of a working day", low=1.0, high=1.6, at_most=10,
        source="assumption; the first working day after a festival is a peak (press)",
    )  # fmt: skip
    """What residents and businesses ask for in the five working days after a statutory holiday."""
    counterparts_above: float = number(
        460, unit="counterparts", low=200, high=700, at_most=100_000, structural=True, status="derived",
        source="one bureau faces 102 offices above (city secretary's essay, 2025); scaled to all bureaus",
    )  # fmt: skip
    """Offices of superior levels that ask the county for meetings, reports and data."""

    counterpart_fte: float = number(
        0.4, unit="full-time people per counterpart", low=0.1, high=0.8, at_most=100, structural=True,
        source=BUDGET,
    )  # fmt: skip
    """Full-time people whom one counterpart above keeps busy, whatever the local staffing."""

    modules_liaison_share: float = number(
        0.75, unit="share of liaison", low=0.5, high=1.0, structural=True,
        source=f"{BUDGET}: 20 to 15 million minutes from 2020 to 2025",
    )  # fmt: skip
    """What remains of the minutes for counterparts above where one module answers several (`levers.modules`)."""

    county_task_minutes_million: float = number(
        72, unit="million minutes per year", low=35, high=130, at_most=100_000, structural=True,
        source=BUDGET,
    )  # fmt: skip
    """Yearly work that grows with the county: projects, land, inspections, campaigns, plans."""

    auxiliary_minutes_million: float = number(
        140, unit="million minutes per year", low=70, high=250, at_most=100_000, structural=True,
        source=BUDGET,
    )  # fmt: skip
    """Yearly work of off-quota staff: patrols, windows, driving, clerical and service duties."""

    auxiliary_county_share: float = number(
        0.5, unit="share of auxiliary work", low=0.2, high=0.8, structural=True
    )
    """Part of the auxiliary work that is set by the county's size; the rest goes with the number of posts."""

    overhead_people_per_unit: float = number(
        8, unit="people per department or township", low=4, high=14, at_most=1000, structural=True,
        source=BUDGET,
    )  # fmt: skip
    """People whom a department or township needs for itself: leaders, office, finance, personnel."""

    overhead_people_per_institution: float = number(
        1.5, unit="people per institution", low=0, high=3, at_most=1000, structural=True,
        source=BUDGET,
    )  # fmt: skip
    """People whom an affiliated institution needs for itself."""

    tasking_fte_per_pair: float = number(
        0.35, unit="full-time people per pair", low=0.1, high=0.7, at_most=100, structural=True,
        source=BUDGET,
    )  # fmt: skip
    """Full-time people whom a pair of department and township keeps busy with tasking and reporting."""

    township_work_gone: float = number(
        0.50, unit="share of tasking", low=0.25, high=0.75, structural=True,
        source="assumption: of the work of departments and townships 25 % moves up, 25 % down, the rest is relay, done "
        "twice or about townships; nobody has measured it: sweep it",
    )  # fmt: skip
    """Part of the tasking that nobody does without townships. The county's table divides it among families and says
    what of each moves up and down; another value scales what is gone, or what moves, in all of them alike."""

    staff_time_share: float = number(
        0.16, unit="share of staff time", low=0.10, high=0.25, at_most=0.9, structural=True, source=BUDGET,
    )  # fmt: skip
    """Time that grows with the number of staff: coordination, personnel, party work."""

    elastic_share: float = number(
        0.30, unit="share of work", low=0.0, high=0.60, structural=True, source=BUDGET
    )
    """Part of the county's and the structure's work that is done only when nothing else waits."""

    ownerless_share: float = number(
        0.08, unit="share of dispatched cases", low=0.02, high=0.20, structural=True,
        source="assumption for a county of 37 departments; no returns of dispatched orders were found for Longgang",
    )  # fmt: skip
    """Cases whose owner is unclear in a conventional county: they go to a wrong department first. Fewer departments
    have fewer of them, in proportion to the number of other departments."""

    bounce_again_share: float = number(0.25, unit="share of bounces", low=0.1, high=0.5, at_most=0.95, structural=True)
    """Bounced cases that the next department does not own either."""

    triage_minutes: float = number(15, unit="minutes", low=5, high=40, above=0, at_most=1000, structural=True)
    """Work of a department that looks into a case which is not its own, and writes why."""

    sign_off_minutes: float = number(
        10, unit="minutes", low=3, high=30, above=0, at_most=1000, structural=True
    )
    """A leader's work on a case that he signs, or on a quarrel about whose case it is."""

    escalation_share: float = number(
        0.3, unit="share of repeated bounces", low=0.1, high=0.8, structural=True
    )
    """Cases that bounce again of which a city leader says whose they are."""

    leader_liaison_share: float = number(0.15, unit="share of liaison", low=0.05, high=0.3, structural=True)
    """Part of the work for counterparts above that only leaders can do: meetings that ask for the head."""

    leader_overhead_share: float = number(0.25, unit="share of unit overhead", low=0.1, high=0.5, structural=True)
    """Part of a unit's own overhead that is its leaders': meetings, people, decisions."""

    supervision_minutes_per_unit: float = number(
        7_800, unit="minutes per directed unit and year", low=2_500, high=20_000, structural=True,
        source="assumption: 150 minutes a week; weekly checks on site are reported (city secretary's essay, 2025)",
    )  # fmt: skip
    """Minutes that a leader spends on each unit or community that he directs."""

    coordination_minutes_per_pair: float = number(
        300, unit="minutes per pair of directed units and year", low=0, high=1_500, structural=True,
        source="assumption; that pairs count is Graicunas (1933), the minutes are not",
    )  # fmt: skip
    """Minutes that a leader spends on each pair of units that he directs, so that work grows faster than span."""

    assessment_minutes_per_unit: float = number(
        2_600, unit="minutes per directed unit and year", low=500, high=8_000, structural=True,
        source="assumption: 50 minutes a week to check, mark and rank a unit",
    )  # fmt: skip
    """Minutes that leaders spend on ranking each unit that they direct, under full assessment (`levers.assessment`)."""

    reform_setup_minutes_million: float = number(
        20, unit="million minutes in the first year", low=5, high=40, at_most=100_000, structural=True,
        source="assumption: of 67 million minutes that set-up, learning and sinking cost in 2020 (budget of working "
        "minutes, docs/ODD.md), what learning (28) and stationing (about 20) leave",
    )  # fmt: skip
    """Work of setting a reform up (rules, systems, moves, meetings) in the year after `levers.reform_start`."""

    reform_half_life_days: float = number(
        365, unit="days", low=180, high=730, above=0, at_most=36_500,
        source="assumption: the budget of working minutes has 67 million in the first year and 14 in the sixth",
    )  # fmt: skip
    """Days in which the daily work of setting a reform up halves."""

    below_travel_minutes: float = number(
        40, unit="minutes per day below", low=20, high=80, at_most=240, structural=True,
        source="assumption; the city has 184 square kilometres",
    )  # fmt: skip
    """Way to a station and back for an official who rotates; who is stationed there travels in his own time."""

    below_productivity: float = number(
        1.0, unit="multiple of the field work of a minute that starts at the desk", low=0.6, high=1.2, above=0,
        at_most=10, structural=True,
    )  # fmt: skip
    """Field work that a minute at a station does: nearer to people, further from files and colleagues."""

    leave_share: float = number(
        0.068, unit="share of working days", low=0.04, high=0.09, at_most=0.9, status="derived",
        source="derived: the budget of minutes takes 0.09 for leave, sickness and training, of which 5.4 of 250 days "
        "are sickness",
    )  # fmt: skip
    """Working days on which a person is on leave or in training."""

    sick_days_per_year: float = number(
        5.4, unit="days per person and year", low=3, high=9, at_most=200, status="sourced",
        source="Borritz and others 2006, human-service workers, lowest quartile of burnout",
    )  # fmt: skip
    """Sick days of a rested person in a year."""

    conventional_post_pool_size: float = number(
        4, unit="people per post", low=1, high=50, at_least=1, at_most=10_000, structural=True,
        source="assumption; nothing found, and the answer hangs on it: sweep it",
    )  # fmt: skip
    """How many officials share one post's queue without modules (`levers.modules`)."""

    lean_post_pool_size: float = number(
        8, unit="people per post", low=2, high=50, at_least=1, at_most=10_000, structural=True,
        source="11 modules, 43 groups in a bureau of about 89 people (city secretary's essay, 2025): 2 to 8",
    )  # fmt: skip
    """How many officials share one post's queue in modules (`levers.modules`)."""

    def digital_share(self, day: datetime.date) -> float:
        """Share of requests made online on a day: flat, then even growth between the two dates, then flat."""
        if day <= self.digital_start:
            return self.digital_share_start
        if day >= self.digital_end:
            return self.digital_share_end
        passed = (day - self.digital_start).days / (self.digital_end - self.digital_start).days
        return self.digital_share_start + passed * (self.digital_share_end - self.digital_share_start)
