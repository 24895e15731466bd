"""What the outcomes of `sim.outcomes` are called, in the order in which they are shown, and which way is better.

An outcome of which that could be disputed has no direction: its differences are "different", never better or worse.
"""

from __future__ import annotations

LABELS = {
    "requests_opened": ("Requests of residents and businesses", "居民与企业请求数"),
    "on_time_share": ("Answered on time (of all that fell due, those who left counted)", "按时办结率（含放弃者）"),
    "assessed_on_time_share": (
        "Grid events and hotline cases on time (by which units are ranked)", "网格事件与热线工单按时率（考核对象）"),
    "other_on_time_share": ("Other requests on time", "其他请求按时率"),
    "hazards_on_time_share": ("Reported or found hazards dealt with on time", "隐患类事项按时处置率"),
    "inspection_cover_share": (
        "Safety inspection carried out (of the minutes due, thinner work taken off)",
        "安全检查覆盖率（占应做工时，扣除简化）"),
    "median_days": ("Median time to resolve", "办结时间中位数"),
    "p90_days": ("90th percentile of time to resolve", "办结时间90分位"),
    "p95_days": ("95th percentile of time to resolve", "办结时间95分位"),
    "withdrawn_share": ("Residents who gave up", "居民放弃率"),
    "open_at_end": ("Residents' requests open at the end", "期末未办结请求"),
    "hand_overs_per_request": ("Hand-overs per request", "每件流转次数"),
    "sign_off_wait_share": ("Waiting for a leader, share of requests' waiting", "请求等待时间中等待领导签批的比例"),
    "sign_off_wait_days": ("Mean wait for a leader's signature", "领导签批平均等待"),
    "leaders_utilisation": ("Share of leaders' time at work that is used", "领导在岗工时利用率"),
    "bounces_per_request": ("Returns by a unit that is not the owner, per request", "每件推诿退回次数"),
    "superior_on_time_share": ("Superiors' tasks of officials on time", "公务人员承担的上级任务按时率"),
    "superior_open_days": (
        "Superiors' tasks of officials waiting, days of inflow", "公务人员承担的上级任务积压（按日到达量折算天数）"),
    "grassroots_on_time_share": (
        "Standing work of communities and grids on time", "社区、网格日常工作按时率"),
    "grassroots_open_days": (
        "Standing work of communities and grids waiting, days of inflow",
        "社区、网格日常工作积压（按日到达量折算天数）"),
    "inner_open_days": ("Inner work waiting, days of inflow", "内部事务积压（按日到达量折算天数）"),
    "elastic_undone_share": ("Elastic work left undone", "弹性工作未做比例"),
    "thinned_share": ("Standard minutes saved by thinner work", "简化省去的标准工时比例"),
    "rework_share": ("Work that came back", "返工比例"),
    "utilisation": ("Share of officials' time at work that is used", "公务人员在岗工时利用率"),
    "overtime_hours_per_week": ("Overtime of an official, hours a week", "公务人员每周加班（小时）"),
    "overtime_hours_per_week_first_year": ("the same, first year", "其中：第一年"),
    "overtime_hours_per_week_last_year": ("the same, last year", "其中：最后一年"),
    "overload_months": ("Months with over 8 hours of overtime a week on average", "周均加班超过8小时的月数"),
    "fatigue_end": ("Fatigue of officials at the end (0-1)", "期末疲劳（0-1）"),
    "fatigue_peak": ("Worst monthly mean fatigue (0-1)", "月均疲劳最高值（0-1）"),
    "sick_days_per_person_year": ("Sick days a paid person and year", "人均年病假天数"),
    "quits_per_year": ("People who quit, a year (all kinds)", "年离职人数（各类人员）"),
    "retired_per_year": ("Officials who retire, a year", "年退休公务人员"),
    "vacancies": ("Officials' seats that are vacant, mean", "平均空编数"),
    "headcount_end": ("Officials at the end", "期末公务人员数"),
    "single_holder_posts": ("Posts with a single holder at the end", "期末仅一人任职的岗位数"),
    "time_below_share": ("Officials' time at work that is spent below", "公务人员下沉工时比例"),
    "time_below_lost_share": (
        "Officials' time that is lost below (idle, on the way)", "下沉损失工时比例（空闲与路途）"),
    "task_force_people": ("Officials in task forces, mean", "专班平均人数"),
    "productivity": ("Speed of officials' work by skill (1 = full), mean", "公务人员熟练产出率均值（1为完全熟练）"),
    "productivity_first_year": ("the same, first year", "其中：第一年"),
    "skill_end": ("Skill of officials at their primary post, end (1 = full)", "期末主岗熟练度（1为完全熟练）"),
    "satisfaction_end": ("Residents' satisfaction at the end (0-1)", "期末居民满意度（0-1）"),
    "satisfaction_gap": ("Gap between best and worst community", "社区间满意度差距"),
    "functions_transferred_end": (
        "Functions meant for the market at the end (setting)", "期末拟转移职能数（设定）"),
    "functions_handed_back_share_end": (
        "Functions back with government at the end, share of those meant for the market",
        "期末退回政府的职能占拟转移职能比例"),
    "organizations_alive_end": ("Social organizations that exist at the end", "期末社会组织数"),
    "functions_let_end": ("Functions in the hands of organizations at the end", "期末由社会组织承担的职能数"),
    "functions_handed_back": ("Functions handed back, in all", "累计退回职能数"),
    "organizations_entered": ("Social organizations founded after the market opened", "市场开放后新增社会组织"),
    "organizations_failed": ("Social organizations that failed or went broke", "失败或破产的社会组织"),
    "bidders_per_tender": ("Bidders per tender", "每次招标的投标人数"),
    "tenders_without_bidder_share": ("Tenders without a bidder", "流标比例"),
    "price_index_end": ("Contract price of a standard minute, in-house = 1", "合同价格指数（自办成本为1）"),
    "transferred_late_share": ("Transferred work open at the end of its last day", "转移事项逾期比例"),
    "transferred_quality_end": ("Quality of organizations at work (in-house = 1)", "承接组织工作质量（自办为1）"),
    "relieved_minutes_per_year_million": (
        "Government minutes relieved, net of supervision and hand-over, million a year",
        "政府净减轻工时（扣除监管与交接，百万分钟/年）"),
    "transferred_minutes_per_year_million": (
        "Minutes served by organizations, million a year", "社会组织年工时（百万分钟）"),
    "work_items_opened": ("Requests and standing tasks in all", "请求与常设任务总数"),
    "officials": ("Officials (posts filled)", "公务人员（在编）"),
    "paid_people": ("Paid people in all", "财政供养与购买服务人员总数"),
    "requests_resolved_per_paid_person_year": ("Requests resolved per paid person and year", "人均年办结件"),
    "cost_yuan_million_per_year": ("Cost in all, million yuan a year", "总成本（百万元/年）"),
    "cost_yuan_per_resident_year": ("Cost a resident and year, yuan", "人均年成本（元）"),
    "cost_yuan_per_resolved_request": ("Cost of everything per resolved request, yuan", "每件办结请求分摊成本（元）"),
    "cost_salaries_official_million": ("Cost: officials, million yuan a year", "成本：在编人员（百万元/年）"),
    "cost_salaries_off_quota_million": ("Cost: off-quota workers", "成本：编外人员"),
    "cost_salaries_community_worker_million": ("Cost: community workers", "成本：社区工作者"),
    "cost_salaries_grid_worker_million": ("Cost: grid workers", "成本：网格员"),
    "cost_overtime_million": ("Cost: paid overtime", "成本：加班费"),
    "cost_contracts_million": ("Cost: contracts of social organizations", "成本：购买服务合同"),
    "cost_recruitment_million": ("Cost: recruitment and training", "成本：招录与培训"),
    "cost_platform_million": ("Cost: platforms", "成本：平台"),
    "cost_office_million": ("Cost: offices", "成本：办公用房"),
    "supervision_yuan_million_per_year": (
        "of salaries: supervision and hand-over of transferred work, million yuan a year",
        "工资中用于监管与交接的部分（百万元/年）"),
    "unpaid_overtime_hours_per_official_year": (
        "Unpaid overtime of an official, hours a year", "公务人员年无偿加班（小时）"),
}
"""English and Chinese names of the outcomes, in the order in which they are shown."""

TIMES_IN_DAYS = ("median_days", "p90_days", "p95_days", "sign_off_wait_days")
"""Outcomes that are times in days; their names say no unit, because small ones are shown in hours or minutes."""

BETTER_WHEN_LOWER = frozenset((
    "median_days", "p90_days", "p95_days", "withdrawn_share", "open_at_end", "hand_overs_per_request",
    "sign_off_wait_share", "sign_off_wait_days", "bounces_per_request",
    "superior_open_days", "grassroots_open_days", "inner_open_days", "elastic_undone_share", "thinned_share",
    "rework_share",
    "overtime_hours_per_week", "overtime_hours_per_week_first_year", "overtime_hours_per_week_last_year",
    "overload_months", "fatigue_end", "fatigue_peak", "sick_days_per_person_year", "satisfaction_gap",
    "functions_handed_back_share_end", "functions_handed_back", "organizations_failed", "transferred_late_share",
    "time_below_lost_share",
    "tenders_without_bidder_share", "price_index_end", "cost_yuan_million_per_year", "cost_yuan_per_resident_year",
    "cost_yuan_per_resolved_request", "unpaid_overtime_hours_per_official_year"))
BETTER_WHEN_HIGHER = frozenset((
    "on_time_share", "assessed_on_time_share", "other_on_time_share", "superior_on_time_share",
    "grassroots_on_time_share", "hazards_on_time_share", "inspection_cover_share", "satisfaction_end",
    "requests_resolved_per_paid_person_year", "productivity", "productivity_first_year", "skill_end",
    "transferred_quality_end", "relieved_minutes_per_year_million"))
