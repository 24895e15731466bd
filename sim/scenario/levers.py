"""`[levers]`: what government chooses. Their defaults are the conventional county at full staffing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator

from sim.scenario.fields import Date, Section, number, option


def _shares(values: tuple[float, ...]) -> tuple[float, ...]:
    if any(not 0 <= v <= 1 for v in values):
        raise ValueError("each share must lie between 0 and 1 (write 0.40 for 40 %)")
    if abs(sum(values) - 1) > 1e-9:
        raise ValueError(f"the shares add up to {sum(values):.12g}, they must add up to 1")
    return values


class Transfer(Section):
    """Functions handed over to social organizations (one list transfers functions)."""

    functions: float = number(
        0.0, unit="functions", low=0, high=154, at_most=154, status="sourced",
        source="154 transferable functions in the catalogue (city secretary's essay, 2025)",
    )  # fmt: skip
    """How many functions, in the order of the list, social organizations carry."""

    double_running_days: float = number(
        90, unit="days", low=30, high=270, at_most=3650,
        source="assumption; nothing found for transfers in China",
    )  # fmt: skip
    """Days after the hand-over of a function during which government staff work beside the new supplier."""

    double_running_share: float = number(0.30, unit="share of the work", low=0.1, high=0.6)
    """Share of a function's work that government still spends while double running."""

    supervision_share: float = number(
        0.05, unit="share of the work", low=0.02, high=0.15,
        source="assumption within the remembered range of monitoring cost, 0.03 to 0.20 (Prager 1994)",
    )  # fmt: skip
    """Share of a transferred function's work that government spends on supervising it."""

    functions_per_contract: int = number(
        1, unit="functions per contract", low=1, high=5, at_least=1, at_most=154, status="derived",
        source="derived: 27 functions to 22 bodies (party secretary, 2020-09), 85 to 92 (city secretary's essay, 2025)",
    )  # fmt: skip
    """Functions of one field that are let together."""

    contract_years: float = number(
        3.0, unit="years", low=1, high=3, at_least=0.1, at_most=30, status="sourced",
        source="Ministry of Finance order 102 (2020), article 24: one year, up to three for stable services "
        "(from memory, not looked up again)",
    )  # fmt: skip
    """Term of a contract; then the functions are tendered again."""

    tender_weights: Annotated[tuple[float, float, float], AfterValidator(_shares)] = number(
        (0.4, 0.3, 0.3), unit="shares of the score: quality, price, experience", low=0.1, high=0.7, bounded=False,
        source="assumption; price at least 0.1 for services (Ministry of Finance order 87 (2017), article 55, from "
        "memory)",
    )  # fmt: skip
    """How bids are judged: quality as last assessed, price, experience."""

    assessment_floor: float = number(
        0.75, unit="share of full marks", low=0.5, high=0.9,
        source="assumption; only bodies rated 3A or above take functions first (Guangzhou study, 2021)",
    )  # fmt: skip
    """Quarterly mark (share on time x quality) below which a supplier is warned, and loses a contract the next time."""

    sanction_share: float = number(0.10, unit="share of the price", low=0.0, high=0.3)
    """Part of the price that is withheld while a supplier is warned."""

    retransfer_months: float = number(12, unit="months", low=3, high=36, at_most=1200)
    """Months after a hand-back until the function is tendered again."""

    tender_again_months: float = number(3, unit="months", low=1, high=12, at_most=1200)
    """Months after a tender without a bidder until the functions are tendered again."""

    contract_cost_share: float = number(
        0.027, unit="share of the contract", low=0.01, high=0.06, status="sourced",
        source="Petersen and others 2019: ex-ante cost of 72 contracts of Danish municipalities",
    )  # fmt: skip
    """Government's work on tender and contract, as a share of the contract's work over its whole term."""


class Levers(Section):
    """Structure, staff, who is sent where, grids, devolution, who yields to whom, overtime, liaison, and transfer."""

    structure: Literal["conventional", "lean"] = option("conventional", structural=True)
    """37 departments and 12 townships (conventional), or merged departments and no townships (lean)."""

    one_seal: bool = option(False, structural=True)
    """One bureau and its hall take approvals in one pass, instead of one department's window after the other."""

    one_team: bool = option(False, structural=True)
    """One pooled team enforces for nine departments and inspects once, instead of one squad a department."""

    one_thing: bool = option(False, structural=True)
    """A matter across departments has one owner, instead of passing through one department after the other."""

    joint_duty: bool = option(False, structural=True)
    """Grids whistle, communities answer, departments report for duty: quick dispatch, more solved on the spot."""

    enterprise_centre: bool = option(False, structural=True)
    """Businesses turn to one enterprise service centre that follows their matter up, instead of each department."""

    modules: bool = option(False, structural=True)
    """Wide posts in modules (`world.lean_post_pool_size`), instead of single ones (`conventional_post_pool_size`)."""

    staffing_share: float = number(
        1.0, unit="share of 4,658 posts", low=0.25, high=1.0, at_least=0.005, at_most=3, structural=True,
        status="sourced",
        source="400 people do the work of 1,000 (party secretary, 2020-09); 4,658 = 1,863 posts / 0.40",
    )  # fmt: skip
    """Authorised posts as a share of those of a comparable conventional county."""

    posts_per_official: int = number(
        1, unit="posts per official", low=1, high=8, at_least=1, at_most=8, structural=True,
        source="assumption; one person holds many posts since 2020-01, how many is not reported",
    )  # fmt: skip
    """Posts (one person, many posts) that an official holds besides and including the primary one."""

    duties_per_post: float = number(
        1.0, unit="multiple of the structure's own division of work", low=0.5, high=4, at_least=0.1, at_most=20,
        structural=True, source="assumption; one post, many duties is a rule of 2020-01, its breadth is not reported",
    )  # fmt: skip
    """Breadth of a post (one post, many duties): wider posts are larger pools, harder to learn, with unlike matters."""

    headcount: Literal["free", "frozen"] = "free"
    """Whether the number of officials may rise; frozen, it may only fall and leavers are replaced in part."""

    frozen_replacement_share: float = number(
        0.5, unit="share of leavers", low=0.0, high=1.0,
        source="assumption; the rule says that people on the public payroll may only become fewer",
    )  # fmt: skip
    """Share of leaving officials who are replaced while headcount is frozen; the other seats are lost."""

    stationed_share: float = number(
        0.0, unit="share of department officials", low=0.0, high=0.4, structural=True, status="sourced",
        source="a third of department staff stationed below, establishment counted there (party congress, 2020-01)",
    )  # fmt: skip
    """Department officials whose place of work is a joint-duty station (a township in the conventional structure)."""

    rotating_share: float = number(
        0.0, unit="share of department officials", low=0.0, high=0.9, structural=True, status="sourced",
        source="70 % of organ cadres regularly go down (city secretary's essay, 2025)",
    )  # fmt: skip
    """Department officials, of those at their desks, who spend some days a week at a station."""

    rotation_days_per_week: float = number(
        1.0, unit="days a week", low=0.7, high=1.4, at_most=5, structural=True,
    )  # fmt: skip
    """Working days a week that a rotating official spends below."""

    task_force_share: float = number(
        0.0, unit="share of department officials", low=0.0, high=0.2, structural=True,
        source="assumption; 37 key reform projects in 2020 (first party secretary), a few people each",
    )  # fmt: skip
    """Department officials pulled together in task forces for reform and projects; their posts stay behind."""

    reform_start: Date | None = option(None, structural=True)
    """First day of a reform's set-up work (`world.reform_setup_minutes_million`); none = no such work."""

    off_quota_workers: int = number(
        2329, unit="people", low=900, high=3700, at_most=100_000, structural=True,
        source="assumption: half of the 4,658 posts of the conventional county",
    )  # fmt: skip
    """Contract workers and government employees outside the authorised posts; an absolute number."""

    grids: Literal[336, 384, 484] = number(
        336, unit="grids", low=336, high=484, structural=True, bounded=False, status="sourced",
        source="336 before 2020-09-28, 384 after (party school, 2020-09-28); 469 + 15 special in 2025",
    )  # fmt: skip
    """Grids into which the communities are divided; each has one full-time worker (assumption)."""

    communities: Literal[199, 102] = number(
        199, unit="villages or communities", low=102, high=199, structural=True, bounded=False, status="sourced",
        source="199 villages and neighbourhoods merged into 102 communities by 2020-09-16 (party secretary, 2020-09)",
    )  # fmt: skip
    """Villages and neighbourhoods (199), or the communities into which they were merged (102)."""

    middle_units: Literal[9, 26, 21] = number(
        26, unit="units between communities and city", low=9, high=26, structural=True, bounded=False,
        status="sourced",
        source="9 areas (2020-01), 26 joint committees (2021-09), 21 central communities (essay, 2025)",
    )  # fmt: skip
    """Areas (9), joint committees (26) or central communities (21) of the lean structure, with their service centres
    and duty stations; the conventional one has 12 townships instead."""

    devolved_matters: float = number(
        0.0, unit="matters", low=0, high=95, at_most=95, structural=True, status="sourced",
        source="95 township matters sent down to communities by law (city secretary's essay, 2025)",
    )  # fmt: skip
    """How many of the listed matters, in the order of the table, communities serve instead of a counter or office."""

    devolution_means: float = number(
        0.0, unit="share of the work sent down", low=0.0, high=1.0, structural=True,
        source="assumption; nothing found on staff that came with the matters",
    )  # fmt: skip
    """Part of the expected minutes sent down for which community workers are added; 0 = without means."""

    access_list: float = number(
        0.0, unit="share of tasking", low=0.0, high=1.0, structural=True,
        source="assumption; grid workers have a negative list (city secretary's essay, 2025), no reach reported",
    )  # fmt: skip
    """Part of the tasking sent to communities of the lean structure that they may refuse: departments then do it."""

    assessment: float = number(
        0.0, unit="share of full ranking and binding", low=0.0, high=1.0, structural=True,
        source="assumption; communities are ranked (first party secretary, 2020-09), department and community, "
        "community and grid are assessed together (city secretary's essay, 2025), how strongly is not reported",
    )  # fmt: skip
    """How strongly units are ranked by their dispatched cases (grid events, hotline) and bound to each other by them;
    these then go before what is not measured, and ranking takes leaders' time."""

    attention_rule: Literal["fixed_shares", "superior_first", "deadline_first"] = "fixed_shares"
    """How superiors' tasks, residents' requests and inner work compete for the same people."""

    attention_shares: Annotated[tuple[float, float, float], AfterValidator(_shares)] = number(
        (0.4, 0.4, 0.2), unit="shares of attention: superiors, residents, inner work", low=0.1, high=0.7,
        bounded=False,
    )  # fmt: skip
    """Shares of superiors' tasks, residents' requests and inner work under `fixed_shares`."""

    cut_rule: Literal["load", "uniform", "front_line_protected"] = option("load", structural=True)
    """How a staffing share is allocated: by load, evenly, or with the front line spared."""

    added_posts: int = number(
        0, unit="posts", low=0, high=100, at_most=4658, structural=True,
        source="assumption; a question put to the model (where do the next posts help most), nothing that happened",
    )  # fmt: skip
    """Posts of officials put at the units of one domain, over and above those shared out by `cut_rule`."""

    added_posts_domain: str = option("", structural=True)
    """Domain that gets the added posts (column `domain` of the county's units), divided by load among its units."""

    overtime_cap_minutes_per_day: float = number(
        180, unit="minutes per person and day", low=0, high=240, at_most=960, status="derived",
        source="county leaders 9.5 hours a day (CASS 2012), township cadres 10 to 12 (Xinhua 2018), less 8",
    )  # fmt: skip
    """Most overtime that a person works on a working day."""

    overtime_paid_share: float = number(
        0.0, unit="share of overtime", low=0, high=1,
        source="assumption; the Civil Servant Law, article 82, gives time off, else a subsidy",
    )  # fmt: skip
    """Part of the overtime that is paid; the rest is shown as unpaid hours."""

    liaison_factor: float = number(1.0, unit="multiple", low=0.5, high=1.2, at_most=10)
    """Multiplies the work that counterparts above ask for; modules and fewer reports lower it."""

    transfer: Transfer = Transfer()
    """Hand-over of functions to social organizations."""
