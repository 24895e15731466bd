"""`[behaviour]`: how people and organizations react. Every switch is off, so a bare file is plain queueing.

`scenarios/longgang/base.toml` turns the mechanisms of a county on. A mechanism that is off leaves no trace.
"""

from __future__ import annotations

from typing import Literal

from sim.scenario.fields import Section, number, option

LEARNING = (
    "recommended from De Grip 2016 (+64 % in a call centre's first year) and vendor data (0.53 in month 1)"
)
EXTENSION = (
    "assumption; the form follows load-and-speed studies (KC and Terwiesch 2009, Oliva and Sterman 2001)"
)


class Behaviour(Section):
    """Who takes what, set-up, thinning, overtime, fatigue, learning, rework, staff, residents, suppliers."""

    # --- who takes what ---
    selection: Literal["lowest_rank", "post_order"] = "lowest_rank"
    """What a freed worker takes: the best-ranked request of all his posts, or the first post that has one."""

    pick: Literal["post_order"] = "post_order"
    """Which idle holder takes an arriving request: the first in the post's order of preference."""

    # --- changing posts ---
    setup: bool = option(False, structural=True)
    """Switch: changing to another post costs set-up minutes."""

    setup_minutes_near: float = number(
        5.0, unit="minutes", low=1, high=10, at_most=60, structural=True, status="sourced",
        source="Gurvich and others 2020: about 5 minutes of set-up in collaborative case work",
    )  # fmt: skip
    """Set-up when a worker changes to a post of the same unit."""

    setup_minutes_far: float = number(12.0, unit="minutes", low=5, high=25, at_most=60, structural=True)
    """Set-up when a worker changes to a post of another unit."""

    assessment_head_start_days: float = number(
        5.0, unit="days", low=1, high=20, at_most=365, structural=True,
        source="assumption; the sign is that of multitask incentives: effort goes to what is measured (Holmstrom and "
        "Milgrom 1991, from memory)",
    )  # fmt: skip
    """Days by which a dispatched case counts as due earlier where units are ranked by it (`levers.assessment` = 1)."""

    # --- leaders ---
    leaders: bool = option(False, structural=True)
    """Switch: leaders have seats and finite minutes; they sign, direct, and face the offices above themselves."""

    # --- thinning ---
    thinning: bool = False
    """Switch: standing work is thinned towards its least acceptable minutes when its queue grows."""

    thinning_starts_days: float = number(
        2.0, unit="working days of backlog per holder", low=1, high=5, at_most=1000, source=EXTENSION
    )
    """Backlog at which thinning starts."""

    thinning_full_days: float = number(
        10.0, unit="working days of backlog per holder", low=5, high=30, at_most=1000, source=EXTENSION
    )
    """Backlog at which work is as thin as is acceptable."""

    # --- overtime ---
    overtime: bool = False
    """Switch: people work longer when their queues grow, up to the cap of the levers."""

    overtime_starts_days: float = number(
        1.0, unit="working days of backlog per holder", low=0.5, high=3, at_most=1000, source=EXTENSION
    )
    """Backlog at which overtime starts."""

    overtime_full_days: float = number(
        5.0, unit="working days of backlog per holder", low=2, high=15, at_most=1000, source=EXTENSION
    )
    """Backlog at which overtime reaches its cap."""

    # --- pace and standards under load ---
    pace_under_load: bool = False
    """Switch: queues speed people up for a while; lasting saturation takes the gain away and makes them err."""

    pace_gain: float = number(
        0.045, unit="share of speed", low=0.015, high=0.09, status="derived",
        source="derived: elasticity of 0.15 (0.05 to 0.30) up to a load of 1.3; KC and Terwiesch 2009 give about 0.1 "
        "if a transport takes 20 to 30 minutes",
    )  # fmt: skip
    """Speed that people gain when their queues are as long as those at which overtime reaches its cap."""

    saturation_load: float = number(
        0.93, unit="share of working time", low=0.85, high=0.97, at_most=0.999, status="sourced",
        source="Berry Jaeker and Tucker 2017: slow-down beyond 93 %; Kuntz and others 2015: tipping point at 92.5 %",
    )  # fmt: skip
    """Used share of working time, elastic work apart, beyond which the speed-up fades and errors grow."""

    saturation_error_factor: float = number(
        1.5, unit="multiple", low=1.0, high=2.5, at_least=1, at_most=20,
        source="assumption; signs from Kuntz and others 2015 and KC and Terwiesch 2009 (2 % per 10 % of overwork)",
    )  # fmt: skip
    """Multiple of the rework of an unsaturated person at full saturation."""

    load_memory_days: float = number(
        20.0, unit="working days", low=5, high=60, at_least=1, at_most=1000,
    )  # fmt: skip
    """Working days over which a person's load is smoothed: how long overload must last to saturate."""

    standards_erode: bool = False
    """Switch: what is thin for long becomes the standard; it comes back very slowly. Needs `thinning`."""

    standards_fall_days: float = number(
        133.0, unit="days", low=60, high=365, at_least=1, at_most=10_000,
        source="Oliva and Sterman 2001: about 19 weeks (remembered, not verified)",
    )  # fmt: skip
    """Time constant with which a post's standard sinks to the thinness that is practised."""

    standards_rise_days: float = number(
        1460.0, unit="days", low=365, high=10_000, at_least=1, at_most=100_000,
        source="assumption; Oliva and Sterman 2001 find that the standard hardly recovers",
    )  # fmt: skip
    """Time constant with which it recovers when the pressure is gone."""

    # --- fatigue ---
    fatigue: bool = False
    """Switch: overtime tires, rest restores, and tired people are slower, err and fall ill more often."""

    fatigue_rise_per_overtime_hour: float = number(
        0.0035, unit="points of fatigue (0 to 1) per hour", low=0.002, high=0.006, at_most=1,
        status="derived",
        source="derived: 10 hours a week for twelve weeks raise fatigue by about 0.4 before recovery",
    )  # fmt: skip
    """Rise of fatigue for each hour of overtime."""

    fatigue_recovery_per_rest_day: float = number(
        0.05, unit="share of fatigue per day", low=0.02, high=0.15,
        source="assumption; clerks recover fully in about three weeks of leave (Westman and Eden 1997)",
    )  # fmt: skip
    """Share of fatigue that a day of rest takes away."""

    fatigue_slowdown: float = number(
        0.25, unit="share of speed", low=0.10, high=0.40, at_most=0.95,
        source="assumption: twelve weeks of 25 % overload lower speed by a tenth (0.05 to 0.20)",
    )  # fmt: skip
    """Share of working speed that is lost at full fatigue."""

    fatigue_sick_factor: float = number(
        2.52, unit="multiple", low=1.5, high=4.0, at_least=1, at_most=50, status="sourced",
        source="Borritz and others 2006: 13.6 sick days in the top quartile of burnout, 5.4 in the lowest",
    )  # fmt: skip
    """Multiple of the sick days of a rested person at full fatigue."""

    # --- learning ---
    learning: bool = False
    """Switch: speed at a post depends on skill, which grows with practice and fades without."""

    new_post_skill: float = number(
        0.70, unit="share of full speed", low=0.55, high=0.85, at_least=0.05, source=f"assumption; {LEARNING}"
    )
    """Skill of an experienced official at a post that is new to him."""

    entrant_skill: float = number(
        0.55,
        unit="share of full speed",
        low=0.50,
        high=0.65,
        at_least=0.05,
        source=LEARNING,
        status="sourced",
    )
    """Skill of a newcomer at any post."""

    learning_minutes: float = number(
        40_000, unit="minutes of practice", low=25_000, high=80_000, above=0, status="derived",
        source="derived: half of the gap closed in three months (2 to 6) of 9,100 working minutes each",
    )  # fmt: skip
    """Time constant of closing the gap to full skill, in minutes of practice at the post."""

    forgetting_per_month: float = number(
        0.03, unit="share of acquired skill per month", low=0.005, high=0.10,
        source="assumption between no loss (Boone and others 2008) and 0.45 a month (Kim 2005)",
    )  # fmt: skip
    """Share of the acquired skill that a month without practice takes away."""
    practice_to_keep_minutes: float = number(
        1_500, unit="minutes of practice per month", low=500, high=3_000, above=0,
        source="assumption; procedural tasks fade when they are rare (Bailey 1989), no threshold found",
    )  # fmt: skip
    """Monthly practice at a post that keeps its skill; with less, forgetting sets in in proportion."""


    duty_overlap: float = number(0.5, unit="share of knowledge", low=0.0, high=0.9)
    """What one duty of a wide post teaches for another (`levers.duties_per_post`); 0: breadth divides practice."""

    # --- rework ---
    rework: bool = False
    """Switch: some finished work comes back."""

    rework_share: float = number(
        0.03, unit="share of finished work", low=0.005, high=0.10,
        source="assumption; 0.10 to 0.20 of hotline orders repeat (Daying 2016-17), not all are rework",
    )  # fmt: skip
    """Probability that finished work comes back when it was done in full by a rested person."""

    rework_when_thin: float = number(0.10, unit="share of finished work", low=0.02, high=0.25)
    """Added probability when the work was as thin as is acceptable."""

    rework_when_tired: float = number(
        0.05, unit="share of finished work", low=0.01, high=0.20, source=EXTENSION
    )
    """Added probability when the worker was at full fatigue."""

    rework_work_share: float = number(0.5, unit="share of the first work", low=0.2, high=1.0)
    """Work of a case that came back, as a share of its first work."""

    # --- waiting without end ---
    elastic_patience_days: float = number(
        20.0, unit="working days", low=5, high=60, above=0, at_most=36_500, structural=True,
        source="assumption: elastic work that waits for a month of working days is dropped",
    )  # fmt: skip
    """Working days after which elastic work that nobody took is dropped; they pass by the wall clock (365.25 / 250)."""

    patience_days_mean: float = number(
        60.0, unit="days", low=20, high=180, above=0, at_most=36_500, structural=True
    )
    """Mean of the days after which a waiting resident gives up."""

    reassign_after_days: float = number(10.0, unit="working days", low=3, high=30, at_least=1, at_most=3650)
    """Days of absence after which work in hand returns to the queue."""

    # --- presence and staff ---
    attendance: bool = False
    """Switch: leave and sickness keep people away."""

    attendance_spell_days: float = number(3.0, unit="calendar days", low=1, high=7, at_least=1, at_most=365)
    """Length of the blocks of days for which absence is drawn; a spell is one block, or several in a row."""

    quits: bool = False
    """Switch: people leave for good, vacancies are filled late, and newcomers must learn."""

    official_quits_per_year: float = number(
        0.003, unit="share per year", low=0.002, high=0.01, status="sourced",
        source="under 12,000 of 7.167 million civil servants resigned in 2015 (People's Daily, 2016-07-04)",
    )  # fmt: skip
    """Share of rested officials who quit in a year."""

    official_quits_per_year_tired: float = number(0.015, unit="share per year", low=0.005, high=0.05)
    """Share of officials at full fatigue who quit in a year."""

    retirement: bool = False
    """Switch: officials retire, besides quitting. Needs `quits`."""

    retirement_per_year: float = number(
        0.025, unit="share per year", low=0.02, high=0.03,
        source="assumption; forty years of service in even ages",
    )  # fmt: skip
    """Share of officials who retire in a year."""

    variety: bool = False
    """Switch: two or three posts keep officials from quitting; with six and more the benefit is gone."""

    variety_retention: float = number(
        0.15, unit="share of quits", low=0.0, high=0.3,
        source="assumption; the sign is that of Staats and Gino 2012: more variety, more likely to stay",
    )  # fmt: skip
    """Share of quits that two or three posts save."""

    grid_worker_quits_per_year: float = number(0.12, unit="share per year", low=0.08, high=0.20)
    """Share of grid, community and off-quota workers who quit in a year, tired or not."""

    vacancy_days: float = number(120.0, unit="days", low=60, high=365, at_most=3650)
    """Days until a vacancy is filled."""

    # --- residents ---
    satisfaction: bool = False
    """Switch: residents compare what they met with what they expected."""

    satisfaction_weight: float = number(0.1, unit="share per experience", low=0.03, high=0.3)
    """Weight of the newest experience in a resident's satisfaction."""

    expectation_half_life_days: float = number(
        180.0, unit="days", low=90, high=365, above=0, at_most=36_500,
        source="assumption: half-life of six months (3 to 12)",
    )  # fmt: skip
    """Days in which half of the gap between experience and expectation closes, at one experience a month."""

    expectation_own_share: float = number(0.5, unit="share", low=0.0, high=1.0)
    """Part of expectation that follows own experience; the rest what is promised and neighbours get."""

    loss_weight: float = number(
        2.0,
        unit="multiple",
        low=1.0,
        high=3.0,
        at_least=0,
        at_most=20,
        source="assumption: losses weigh twice",
    )
    """How much more a disappointment weighs than a pleasant surprise of the same size."""

    # --- social organizations ---
    organization_quality_start: float = number(
        0.90,
        unit="share of in-house quality",
        low=0.75,
        high=1.0,
        source="assumption: 10 % (0 to 25 %) below",
    )
    """Quality of a function in the hands of a new social organization."""

    organization_parity_months: float = number(9.0, unit="months", low=3, high=18, above=0, at_most=1200)
    """Months of experience until the quality of in-house work is reached."""

    organization_learning_share: float = number(
        0.15, unit="share of work saved per doubling of experience", low=0.10, high=0.20, at_most=0.9,
        source="assumption: an 85 % learning curve (80 to 90 %)",
    )  # fmt: skip
    """Work per case that a social organization saves with each doubling of its experience."""

    organization_failure_per_year: float = number(
        0.04, unit="share per year", low=0.02, high=0.08,
        source="assumption; 0.11 to 0.18 of services came back in five years (Hefetz and Warner 2004)",
    )  # fmt: skip
    """Probability that a social organization fails in a year."""

    organization_entry_per_month: float = number(
        2.5, unit="organizations per month in a mature market", low=0.2, high=4, at_most=1000, status="derived",
        source="derived: 22 bodies in 2020-09 and 92 in 2025 make 1.4 a month net of failures, 1.5 before them, in "
        "a market that is about 0.6 mature on average",
    )  # fmt: skip
    """New social organizations a month when the market is mature and work is to be had."""

    organization_hand_back_backlog_days: float = number(
        40.0, unit="working days of backlog", low=15, high=120, above=0, at_most=3650
    )
    """Backlog at which, two months in a row, a social organization gives its newest contract back."""

    organization_hire_backlog_days: float = number(
        5.0, unit="working days of backlog", low=2, high=20, above=0, at_most=3650
    )
    """Backlog at which a social organization hires beyond what its contracts need."""

    organization_price: float = number(
        0.95, unit="multiple of the in-house cost of a standard minute", low=0.8, high=1.1, above=0, at_most=10,
        source="assumption: 0.8 to 1.1; nothing found for China",
    )  # fmt: skip
    """Price that a social organization asks on average."""

    organization_price_spread: float = number(
        0.15, unit="multiple of the in-house cost of a standard minute", low=0.0, high=0.3, at_most=1,
        source="assumption: bids reach from 0.8 to 1.1",
    )  # fmt: skip
    """Greatest distance of a bid from the average, either way."""

    organization_staff_cost_share: float = number(
        0.70, unit="share of the full cost of a filled post", low=0.4, high=0.9
    )
    """What a person of a social organization costs it."""

    organization_other_income_share: float = number(0.70, unit="share of idle time", low=0.3, high=1.0)
    """Part of its people's idle time that other clients of an organization pay for."""

    organization_reserve_months: float = number(6.0, unit="months of one person's cost", low=0, high=24, at_most=1200)
    """Money with which a social organization begins; without any it closes."""

    organization_idle_use: float = number(0.10, unit="share of working time", low=0.02, high=0.3)
    """Use of its people's time below which a month of a social organization counts as idle."""

    organization_leaves_after_months: int = number(24, unit="months", low=6, high=60, at_least=1, at_most=1200)
    """Idle months in a row after which a social organization leaves a market that holds its field."""

    organization_shed_use: float = number(0.30, unit="share of working time", low=0.1, high=0.6)
    """Use of its people's time below which a social organization sheds one that its contracts do not need."""

    organization_hires_ahead: int = number(2, unit="people", low=0, high=6, at_most=1000)
    """People not yet hired, one a month, on whom a bid may count."""

    organization_pressed_months: int = number(2, unit="months", low=1, high=6, at_least=1, at_most=120)
    """Months in a row beyond `organization_hand_back_backlog_days` after which a contract is given back."""

    first_satisfaction: float = number(0.6, unit="share", low=0.4, high=0.8)
    """Residents' satisfaction on the first day of the run-in."""

    first_expected_days: float = number(5.0, unit="days", low=1, high=20, above=0, at_most=3650)
    """Days that residents expect an answer to take on the first day of the run-in."""

    @property
    def setup_minutes(self) -> tuple[float, float]:
        """Set-up minutes within a unit and between units that are in force; zero when the switch is off."""
        return (self.setup_minutes_near, self.setup_minutes_far) if self.setup else (0.0, 0.0)
