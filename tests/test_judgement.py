"""What a review says of an indicator: small provinces as tables, from returns to the judged row.

The authority P has districts A and B (in the region R) and C, and an agency S; the term is 2011–2015. Unless a case
says otherwise the indicator is a quarterly stock, summed over the districts, and the review is of 2013 against
the term, long after every due date.
"""

import math
from datetime import date

import pytest
from judging import (
    CALENDAR,
    CASES_OF,
    INDICATOR,
    Case,
    by_key,
    cells,
    judge_all,
    judged_cases,
    moment_of,
    plan_of,
    province,
    receive,
    rows,
    unlike,
    warehouse,
    words,
)

from tiendo.targets import overdue_targets

YEARLY = "frequency=year "
BY_A = "frequency=year reported_by=A "
HUNDRED = "span=2011-2015 target=100"
TEN = "span=2011-2015 target=10"
EARLY_2013 = date(2013, 4, 5)  # the first quarter of 2013 is over, its returns are due on the 11th

ACCUMULATIONS = [
    Case(
        "a flow adds up from the start of the term",
        BY_A + "accumulation=flow",
        HUNDRED,
        "A 2011 10 | A 2012 20 | A 2013 30",
        {"P": "actual=60 attainment=60 band=advancing in_period=30 expected=1 reported=1 flags=-"},
    ),
    Case(
        "a flow against the year adds up from its start",
        "reported_by=A accumulation=flow",
        "span=2013 target=40",
        "A 2012-Q4 99 | A 2013-Q1 5 | A 2013-Q2 none_occurred | A 2013-Q3 6 | A 2013-Q4 9",
        {"P": "actual=20 attainment=50 band=lagging in_period=20 span=2013"},
        against="year",
    ),
    Case(
        "a flow against a later part of the term leaves out the years before",
        BY_A + "accumulation=flow",
        "span=2012-2015 target=100",
        "A 2011 10 | A 2012 20 | A 2013 30",
        {"P": "actual=50 attainment=50"},
    ),
    Case(
        "a flow with a gap says so",
        "reported_by=A accumulation=flow",
        "span=2013 target=40",
        "A 2013-Q1 5 | A 2013-Q4 9",
        {"P": "actual=14 flags=gaps"},
        against="year",
    ),
    Case(
        "a gap is not forgotten for one that is still open",
        "reported_by=A accumulation=flow",
        "span=2013 target=40",
        "A 2013-Q1 5 | A 2013-Q3 9",
        {"P": "actual=14 flags=gaps;stale"},
        against="year",
    ),
    Case(
        "a stock is the last value",
        BY_A,
        HUNDRED,
        "A 2011 10 | A 2012 80 | A 2013 30",
        {"P": "actual=30 in_period=30 flags=-"},
    ),
    Case(
        "a stock not reported for its last period is stale",
        BY_A,
        HUNDRED,
        "A 2011 10 | A 2012 80",
        {"P": "actual=80 flags=stale expected=1 reported=1"},
    ),
    Case(
        "a cumulative figure is the last one reported",
        "reported_by=A accumulation=cumulative",
        HUNDRED,
        "A 2013-Q1 10 | A 2013-Q2 25 | A 2013-Q4 70",
        {"P": "actual=70 in_period=70"},
    ),
    Case(
        "a rate is the mean of the years",
        BY_A + "accumulation=rate aggregation=none type=rate",
        "span=2011-2015 target=20",
        "A 2011 10 | A 2012 20 | A 2013 33",
        {"P": "actual=21 attainment=105 margin=1 band=exceeded"},
    ),
    Case(
        "of a year's rates the last one counts",
        "reported_by=A accumulation=rate aggregation=none type=rate",
        "span=2011-2015 target=20",
        "A 2012-Q2 5 | A 2012-Q4 10 | A 2013-Q1 7 | A 2013-Q4 20",
        {"P": "actual=15 attainment=75"},
    ),
    Case(
        "a geometric mean where it is declared",
        BY_A + "accumulation=rate aggregation=none type=rate flags=geometric",
        TEN,
        "A 2011 10 | A 2012 21 | A 2013 -25",
        {"P": "actual=-0.06 attainment=-0.6 band=stalled"},
    ),
    Case(
        "the years before the target's span do not enter the mean",
        BY_A + "accumulation=rate aggregation=none type=rate",
        "span=2012-2015 target=20",
        "A 2011 100 | A 2012 10 | A 2013 20",
        {"P": "actual=15 attainment=75"},
    ),
    Case(
        "nor the geometric one",
        BY_A + "accumulation=rate aggregation=none type=rate flags=geometric",
        "span=2012-2015 target=10",
        "A 2011 100 | A 2012 10 | A 2013 21",
        {"P": "actual=15.37 attainment=153.7"},
    ),
    Case(
        "against the year it is the year's rate",
        BY_A + "accumulation=rate aggregation=none type=rate",
        "span=2013 target=20",
        "A 2012 10 | A 2013 15",
        {"P": "actual=15 attainment=75"},
        against="year",
    ),
    Case(
        "last year's rate is not this year's",
        BY_A + "accumulation=rate aggregation=none type=rate",
        "span=2013 target=20",
        "A 2012 10",
        {"P": "band=missing attainment=-"},
        against="year",
    ),
    Case(
        "a review sees nothing of what comes after it",
        "reported_by=A accumulation=flow",
        HUNDRED,
        "A 2013-Q1 10 | A 2013-Q2 20 | A 2013-Q3 40",
        {"P": "actual=30 in_period=20"},
        period="2013-Q2",
    ),
    Case(
        "a half year's flow is its two quarters",
        "reported_by=A accumulation=flow",
        "span=2013-H2 target=100",
        "A 2013-Q2 1 | A 2013-Q3 20 | A 2013-Q4 30",
        {"P": "actual=50 in_period=50 span=2013-H2"},
        period="2013-H2",
        against="own",
    ),
    Case(
        "nine months are three quarters",
        "reported_by=A accumulation=flow",
        "span=2013-9M target=100",
        "A 2012-Q4 9 | A 2013-Q1 10 | A 2013-Q2 20 | A 2013-Q3 30 | A 2013-Q4 40",
        {"P": "actual=60 in_period=60 attainment=60 span=2013-9M"},
        period="2013-9M",
        against="own",
    ),
    Case(
        "months make a quarter",
        "reported_by=A accumulation=flow frequency=month",
        "span=2013-Q1 target=100",
        "A 2012-12 9 | A 2013-01 10 | A 2013-02 20 | A 2013-03 30",
        {"P": "actual=60 in_period=60 flags=-"},
        period="2013-Q1",
        against="own",
    ),
    Case(
        "a monthly flow against its month",
        "reported_by=A accumulation=flow frequency=month",
        "span=2013-03 target=100",
        "A 2013-02 20 | A 2013-03 30",
        {"P": "actual=30 attainment=30"},
        period="2013-03",
        against="own",
    ),
]

THREE = "A 2013 10 | B 2013 20 | C 2013 60"
AGGREGATIONS = [
    Case(
        "units' figures add up, for every node",
        YEARLY,
        HUNDRED + " | unit=R span=2011-2015 target=60",
        THREE,
        {
            "P": "actual=90 expected=3 reported=3 coverage=100",
            "R": "actual=30 attainment=50 expected=2",
            "A": "actual=10 band=unassessable attainment=-",
        },
    ),
    Case("the least of the units", YEARLY + "aggregation=min", HUNDRED, THREE, {"P": "actual=10"}),
    Case("the greatest of the units", YEARLY + "aggregation=max", HUNDRED, THREE, {"P": "actual=60"}),
    Case(
        "their mean, unweighted",
        YEARLY + "aggregation=mean",
        HUNDRED,
        THREE,
        {"P": "actual=30", "R": "actual=15"},
    ),
    Case(
        "their mean by the weight of each",
        YEARLY + "aggregation=weighted_mean weight_indicator=@W",
        HUNDRED,
        THREE + " | A 2013 W 5 | B 2013 W 4 | C 2013 W 1",
        {"P": "actual=19 flags=-", "R": "actual=14.44"},
        others={"W": (YEARLY, "")},
    ),
    Case(
        "weights reported each quarter are not added up",
        YEARLY + "aggregation=weighted_mean weight_indicator=@W accumulation=flow",
        HUNDRED,
        THREE + " | A 2013-Q1 W 9 | A 2013-Q2 W 9 | A 2013-Q4 W 5 | B 2013-Q4 W 4 | C 2013-Q4 W 1",
        {"P": "actual=19"},
        others={"W": ("", "")},
    ),
    Case(
        "a unit without a weight cannot be weighed",
        YEARLY + "aggregation=weighted_mean weight_indicator=@W",
        HUNDRED,
        THREE + " | A 2013 W 1 | B 2013 W 3",
        {"P": "actual=17.5 flags=weights_missing"},
        others={"W": (YEARLY, "")},
    ),
    Case(
        "no weights at all",
        YEARLY + "aggregation=weighted_mean weight_indicator=@W",
        HUNDRED,
        THREE,
        {"P": "actual=- band=unassessable"},
        others={"W": (YEARLY, "")},
    ),
    Case(
        "45/50 and 90/900 make 14.2 %, not 50 %",
        YEARLY + "aggregation=ratio scale=100 reported_by=A;B",
        HUNDRED,
        "A 2013 45/50 | B 2013 90/900",
        {"P": "actual=14.2", "A": "actual=90.0", "B": "actual=10.0", "R": "actual=14.2"},
    ),
    Case(
        "numerators and denominators of a flow both add up over time",
        "aggregation=ratio scale=100 reported_by=A accumulation=flow",
        "span=2013 target=50",
        "A 2012-Q4 9/9 | A 2013-Q1 10/20 | A 2013-Q2 0/10 | A 2013-Q3 none_occurred | A 2013-Q4 10/20",
        {"P": "actual=40 attainment=80"},
        against="year",
    ),
    Case(
        "of a stock's fractions the last one counts",
        "aggregation=ratio scale=100 reported_by=A;B",
        HUNDRED,
        "A 2013-Q1 1/2 | A 2013-Q4 30/40 | B 2013-Q3 10/10 | B 2013-Q4 10/60",
        {"P": "actual=40"},
    ),
    Case(
        "nothing to divide by",
        YEARLY + "aggregation=ratio reported_by=A;B",
        HUNDRED,
        "A 2013 0/0 | B 2013 none_occurred",
        {"P": "actual=- attainment=- band=unassessable expected=2 reported=2"},
    ),
    Case(
        "any district that has done it is enough",
        YEARLY + "accumulation=state aggregation=any type=milestone",
        "span=2011-2015",
        "A 2012 1 | A 2013 1 | B 2013 0 | C 2013 0",
        {"P": "actual=1 attainment=100 band=met first_met=2012-12-31", "B": "band=unassessable"},
    ),
    Case(
        "all districts must have done it",
        YEARLY + "accumulation=state aggregation=all type=milestone",
        "span=2011-2015",
        "A 2012 1 | A 2013 1 | B 2013 1 | C 2013 0",
        {"P": "actual=0 attainment=0 band=stalled first_met=-"},
    ),
    Case(
        "a silent district is not known not to have done it",
        YEARLY + "accumulation=state aggregation=all type=milestone",
        "span=2011-2015",
        "A 2012 1 | A 2013 1 | B 2013 1",
        {"P": "actual=1 attainment=100 band=met flags=partial first_met=2013-12-31"},
    ),
    Case(
        "the number of districts that have met their own target",
        YEARLY + "aggregation=count_met",
        "span=2011-2015 target=4 | unit=A span=2011-2015 target=10 | unit=B span=2011-2015 target=15"
        " | unit=C span=2011-2015 target=99",
        THREE,
        {
            "P": "actual=2 attainment=50",
            "R": "actual=2",
            "A": "actual=10 band=met",
            "B": "actual=20 band=exceeded",
            "C": "actual=60 band=advancing",
        },
    ),
    Case(
        "they are judged against what the review is judged against",
        YEARLY + "aggregation=count_met",
        "span=2013 target=2 | span=2011-2015 target=3"
        " | unit=A span=2013 target=10 | unit=A span=2011-2015 target=50"
        " | unit=B span=2013 target=10 | unit=B span=2011-2015 target=20",
        THREE,
        {"P": "actual=1", "A": "band=lagging", "B": "band=met"},
    ),
    Case(
        "against the year both have met theirs",
        YEARLY + "aggregation=count_met",
        "span=2013 target=2 | span=2011-2015 target=3"
        " | unit=A span=2013 target=10 | unit=A span=2011-2015 target=50"
        " | unit=B span=2013 target=10 | unit=B span=2011-2015 target=20",
        THREE,
        {"P": "actual=2 attainment=100", "A": "band=met", "B": "band=exceeded"},
        against="year",
    ),
    Case(
        "no district has a target of its own to meet",
        YEARLY + "aggregation=count_met",
        "span=2011-2015 target=4",
        THREE,
        {"P": "actual=- band=unassessable", "A": "actual=10 band=unassessable"},
    ),
    Case("not additive, and one reports it", BY_A + "aggregation=none", HUNDRED, THREE, {"P": "actual=10"}),
    Case(
        "not additive, but several report it",
        YEARLY + "aggregation=none",
        HUNDRED,
        THREE,
        {"P": "actual=- band=unassessable", "A": "actual=10"},
    ),
]

STATES = [
    Case(
        "zero is a value: started, and stalled",
        YEARLY,
        HUNDRED,
        "A 2013 0 | B 2013 0 | C 2013 0",
        {"P": "actual=0 attainment=0 band=stalled"},
    ),
    Case(
        "nothing occurred counts as zero and is started",
        YEARLY,
        HUNDRED,
        "A 2013 none_occurred | B 2013 none_occurred | C 2013 none_occurred",
        {"P": "actual=0 attainment=0 band=stalled reported=3"},
    ),
    Case(
        "none has started",
        YEARLY,
        HUNDRED,
        "A 2013 not_started | B 2013 not_started | C 2013 not_started",
        {"P": "attainment=0 margin=- actual=- band=not_started reported=3 flags=-", "A": "band=not_started"},
    ),
    Case(
        "not to have started is not to have brought poverty to nought",
        YEARLY + "type=gap direction=down aggregation=mean",
        "span=2011-2015 target=25 baseline=70",
        "A 2013 not_started | B 2013 not_started | C 2013 not_started",
        {"P": "attainment=0 band=not_started"},
    ),
    Case(
        "some have not started and the others are silent",
        YEARLY,
        HUNDRED,
        "A 2013 not_started",
        {"P": "band=not_started expected=3 reported=1 flags=partial", "B": "band=missing"},
    ),
    Case(
        "beside units with values not started counts as 0",
        YEARLY + "aggregation=mean",
        HUNDRED,
        "A 2013 30 | B 2013 not_started | C 2013 not_started",
        {"P": "actual=10 attainment=10 band=stalled", "B": "band=not_started"},
    ),
    Case(
        "the last word counts: first not started, then begun",
        YEARLY,
        HUNDRED,
        "A 2012 not_started | B 2012 not_started | A 2013 5 | B 2013 not_started | C 2013 not_started",
        {"P": "actual=5 band=stalled"},
    ),
    Case(
        "first not started, then not due: still not started",
        "reported_by=A",
        HUNDRED,
        "A 2013-Q1 not_started | A 2013-Q4 not_due",
        {"P": "band=not_started attainment=0 expected=1 reported=1"},
    ),
    Case(
        "owed and due, and nobody has reported",
        YEARLY,
        HUNDRED,
        "",
        {"P": "actual=- attainment=- band=missing expected=3 reported=0 flags=-", "A": "band=missing"},
    ),
    Case(
        "judged on what is in: partial",
        YEARLY,
        HUNDRED,
        "A 2013 30 | B 2013 20",
        {"P": "actual=50 band=lagging expected=3 reported=2 flags=partial", "C": "band=missing"},
    ),
    Case(
        "one's last value is old: stale, and reported in the term",
        YEARLY,
        HUNDRED,
        "A 2013 30 | B 2012 20 | C 2013 10",
        {"P": "actual=60 reported=3 flags=stale", "B": "actual=20 flags=stale", "A": "flags=-"},
    ),
    Case(
        "a value older than the year judged counts for a stock, stale and not reported",
        YEARLY,
        "span=2013 target=100",
        "A 2013 30 | B 2012 20 | C 2013 10",
        {"P": "actual=60 expected=3 reported=2 flags=stale;partial", "B": "band=missing"},
        against="year",
    ),
    Case(
        "no value of the year judged at all",
        YEARLY,
        "span=2013 target=100",
        "A 2012 30 | B 2012 20 | C 2012 10",
        {"P": "band=missing attainment=- reported=0"},
        against="year",
    ),
    Case(
        "one to whom it is not due yet is not expected",
        YEARLY,
        HUNDRED,
        "A 2013 30 | B 2013 not_due | C 2013 10",
        {"P": "actual=40 expected=2 reported=2 flags=- coverage=100", "B": "band=not_due"},
    ),
    Case(
        "one to whom it does not apply is not expected",
        YEARLY,
        HUNDRED,
        "A 2013 30 | B 2013 not_applicable | C 2013 10",
        {"P": "actual=40 expected=2 reported=2 flags=-", "B": "band=not_applicable"},
    ),
    Case(
        "what no longer applies there leaves the stock and is not expected",
        YEARLY,
        HUNDRED,
        "A 2013 30 | B 2012 20 | B 2013 not_applicable | C 2013 10",
        {"P": "actual=40 expected=2 reported=2 coverage=100 flags=-", "B": "band=not_applicable"},
    ),
    Case(
        "what was done before it ceased to apply stays in a flow",
        YEARLY + "accumulation=flow",
        HUNDRED,
        "A 2013 30 | B 2012 20 | B 2013 not_applicable",
        {"P": "actual=50 expected=3 reported=2 flags=partial"},
    ),
    Case(
        "the only one left has not reported",
        YEARLY + "reported_by=A;B",
        HUNDRED,
        "A 2012 30 | A 2013 not_applicable",
        {"P": "band=missing expected=1 reported=0"},
    ),
    Case(
        "declared not applicable by all who owe it",
        YEARLY,
        HUNDRED,
        "A 2013 not_applicable | B 2013 not_applicable | C 2013 not_applicable",
        {"P": "band=not_applicable attainment=-"},
    ),
    Case(
        "declared not due by all who owe it",
        YEARLY,
        HUNDRED,
        "A 2013 not_due | B 2013 not_due | C 2013 not_due",
        {"P": "band=not_due attainment=-"},
    ),
    Case(
        "not due for some, not applicable for the others",
        YEARLY,
        HUNDRED,
        "A 2013 not_due | B 2013 not_applicable | C 2013 not_applicable",
        {"P": "band=not_due"},
    ),
    Case(
        "stated in the resolution, reported by nobody",
        "reported_by=nobody",
        "",
        "",
        {"P": "band=not_applicable"},
    ),
    Case(
        "a yearly figure is not owed before the year is over",
        YEARLY,
        "span=2013 target=100",
        "",
        {"P": "band=not_due attainment=-", "A": "band=not_due"},
        period="2013-Q3",
        against="year",
    ),
    Case(
        "the year is over but its return not yet due",
        YEARLY,
        "span=2013 target=100",
        "",
        {"P": "band=not_due"},
        against="year",
        today=date(2014, 1, 9),
    ),
    Case(
        "due on the 10th: missing from that day",
        YEARLY,
        "span=2013 target=100",
        "",
        {"P": "band=missing"},
        against="year",
        today=date(2014, 1, 10),
    ),
    Case(
        "before the due day what is in is judged, and nobody is stale",
        "",
        HUNDRED,
        "A 2013-Q1 10 | B 2012-Q4 10 | C 2012-Q3 10",
        {"P": "actual=30 flags=stale reported=3", "B": "flags=-", "C": "flags=stale"},
        period="2013-Q1",
        today=EARLY_2013,
    ),
    Case(
        "an estimate given before its period is over counts, and says so",
        YEARLY + "reported_by=A",
        "span=2013 target=100",
        "A 2013 80 estimate",
        {"P": "actual=80 band=advancing status=estimate flags=estimate"},
        against="year",
        today=date(2013, 7, 23),
    ),
    Case(
        "a sum with a preliminary part is preliminary, as it is an estimate with an estimated one",
        "reported_by=A accumulation=flow",
        HUNDRED,
        "A 2013-Q1 1 preliminary | A 2013-Q2 2",
        {"P": "actual=3 status=preliminary"},
        period="2013-Q2",
    ),
    Case(
        "preliminary beside final",
        YEARLY,
        HUNDRED,
        "A 2013 80 preliminary | B 2013 1 final | C 2013 1",
        {"P": "status=preliminary flags=-", "B": "status=final"},
    ),
]

LEVELS = "frequency=year reported_by=A aggregation=none "
TYPES = [
    Case(
        "gap: poverty from 70 to 36, target 25",
        LEVELS + "type=gap direction=down",
        "span=2011-2015 target=25 baseline=70",
        "A 2013 36",
        {"P": "attainment=75.6 margin=-11 band=advancing"},
    ),
    Case(
        "gap: no baseline, no judgement",
        LEVELS + "type=gap direction=down",
        "span=2011-2015 target=25",
        "A 2013 36",
        {"P": "actual=36 attainment=- margin=- band=unassessable"},
    ),
    Case(
        "rate from levels: growth a year since the baseline's year",
        LEVELS + "type=rate flags=from_levels",
        "span=2011-2015 target=20 baseline=100 baseline_year=2010",
        "A 2012 150 | A 2013 172.8",
        {"P": "actual=20.0 attainment=100 margin=0 band=met"},
    ),
    Case(
        "rate from levels: the years run to the figure's own year",
        LEVELS + "type=rate flags=from_levels",
        "span=2011-2015 target=20 baseline=100 baseline_year=2010",
        "A 2012 144",
        {"P": "actual=20.0 attainment=100 flags=stale"},
    ),
    Case(
        "rate from levels: a half-year figure counts as its year's",
        "frequency=half reported_by=A aggregation=none type=rate flags=from_levels",
        "span=2011-2015 target=20 baseline=100 baseline_year=2010",
        "A 2012-H1 144",
        {"P": "actual=20.0 attainment=100"},
        period="2012-H1",
    ),
    Case(
        "rate from levels: no year has passed since the baseline",
        LEVELS + "type=rate flags=from_levels",
        "span=2011-2015 target=20 baseline=100 baseline_year=2013",
        "A 2013 144",
        {"P": "actual=- band=unassessable"},
    ),
    Case(
        "a range of growth, from levels",
        LEVELS + "type=range flags=from_levels",
        "span=2011-2015 low=12.8 high=13 baseline=100 baseline_year=2011",
        "A 2013 129.96",
        {"P": "actual=14.0 attainment=107.7 margin=1.0 band=exceeded"},
    ),
    Case(
        "reduction from levels: points a year",
        LEVELS + "type=reduction flags=from_levels direction=down",
        "span=2011-2015 target=4 baseline=43 baseline_year=2010",
        "A 2013 28.9",
        {"P": "actual=4.7 attainment=117.5 margin=0.7 band=exceeded"},
    ),
    Case(
        "reduction as yearly points",
        LEVELS + "type=reduction accumulation=rate",
        "span=2011-2015 target=3",
        "A 2011 3 | A 2012 3.6 | A 2013 3.6",
        {"P": "actual=3.4 attainment=113.3 margin=0.4"},
    ),
    Case(
        "every year: a mean that passes hides a failing year",
        LEVELS + "type=every_year",
        "span=2011-2015 target=15",
        "A 2011 20 | A 2012 13.5 | A 2013 18",
        {"P": "attainment=66.7 margin=-1.5 band=advancing"},
    ),
    Case(
        "every year: met in all",
        LEVELS + "type=every_year",
        "span=2011-2015 target=15",
        "A 2011 15 | A 2012 15.5 | A 2013 18",
        {"P": "attainment=100 margin=0 band=met"},
    ),
    Case(
        "every year: a due year without a figure is not met",
        LEVELS + "type=every_year",
        "span=2011-2015 target=15",
        "A 2011 20 | A 2013 18",
        {"P": "attainment=66.7 margin=3 band=advancing"},
    ),
    Case(
        "every year: the flow of each year",
        "reported_by=A accumulation=flow type=every_year",
        "span=2011-2015 target=15",
        "A 2011-Q1 8 | A 2011-Q4 8 | A 2012-Q2 14 | A 2013-Q4 15",
        {"P": "attainment=66.7 margin=-1"},
    ),
    Case(
        "every year, lower is better: the worst is the highest",
        LEVELS + "type=every_year direction=down",
        "span=2011-2015 target=15",
        "A 2011 10 | A 2012 15 | A 2013 18",
        {"P": "attainment=66.7 margin=-3"},
    ),
    Case(
        "every year: none is over yet",
        LEVELS + "type=every_year frequency=quarter",
        "span=2011-2015 target=15",
        "A 2011-Q1 20 | A 2011-Q2 20",
        {"P": "band=not_due attainment=-"},
        period="2011-Q2",
    ),
    Case(
        "every year: the first is over, its return not due",
        LEVELS + "type=every_year",
        "span=2011-2015 target=15",
        "",
        {"P": "band=not_due"},
        period="2011",
        today=date(2012, 1, 5),
    ),
    Case(
        "threshold: by the margin",
        LEVELS + "type=threshold",
        "span=2011-2015 target=57.5",
        "A 2013 57.6",
        {"P": "margin=0.1 attainment=100.2 band=exceeded"},
    ),
    Case(
        "threshold, lower is better: nothing left",
        LEVELS + "type=threshold direction=down",
        "span=2011-2015 target=10",
        "A 2013 0",
        {"P": "margin=10 attainment=inf band=exceeded"},
    ),
    Case(
        "threshold: none allowed and none there",
        LEVELS + "type=threshold direction=down",
        "span=2011-2015 target=0",
        "A 2013 0",
        {"P": "margin=0 attainment=100 band=met"},
    ),
    Case(
        "range: above is more",
        LEVELS + "type=range",
        "span=2011-2015 low=12.8 high=13",
        "A 2013 14",
        {"P": "attainment=107.7 margin=1 band=exceeded"},
    ),
    Case(
        "corridor: above is a failure",
        LEVELS + "type=range flags=corridor",
        "span=2011-2015 low=12.8 high=13",
        "A 2013 14",
        {"P": "attainment=92.9 margin=1 band=advancing"},
    ),
    Case(
        "ceiling: one where none may be",
        LEVELS + "type=ceiling accumulation=flow direction=down",
        "span=2011-2015 target=0 cap=4",
        "A 2011 none_occurred | A 2012 1 | A 2013 none_occurred",
        {"P": "actual=1 attainment=75 margin=-1 band=advancing"},
    ),
    Case(
        "milestone done in time",
        LEVELS + "type=milestone accumulation=state",
        "span=2011-2015 due=2013-06-30",
        "A 2011 0 | A 2012 1 | A 2013 1",
        {"P": "attainment=100 margin=181 band=met first_met=2012-12-31 flags=-"},
    ),
    Case(
        "milestone done late keeps its 100 with a flag",
        LEVELS + "type=milestone accumulation=state",
        "span=2011-2015 due=2013-06-30",
        "A 2011 0 | A 2012 0 | A 2013 1",
        {"P": "attainment=100 margin=-184 band=met flags=late"},
    ),
    Case(
        "milestone reported as a stock has its date too",
        LEVELS + "type=milestone",
        "span=2011-2015 due=2013-06-30",
        "A 2012 0 | A 2013 1",
        {"P": "attainment=100 margin=-184 flags=late first_met=2013-12-31"},
    ),
    Case(
        "milestone past its date, not done",
        LEVELS + "type=milestone accumulation=state",
        "span=2011-2015 due=2013-06-30",
        "A 2013 0",
        {"P": "attainment=0 margin=-214 band=stalled flags=-"},
        today=date(2014, 1, 30),
    ),
    Case(
        "milestone by stages: the weights of those done",
        LEVELS + "type=milestone accumulation=state",
        "span=2011-2015 due=2015-12-31",
        "A 2012 1 | A 2013 2",
        {"P": "actual=2 attainment=70 margin=- band=advancing"},
        today=date(2014, 1, 30),
        more={
            "stages": "indicator=@ stage=1 name=a weight=30 | indicator=@ stage=2 name=b weight=40"
            " | indicator=@ stage=3 name=c weight=30"
        },
    ),
    Case(
        "milestone by stages: all done",
        LEVELS + "type=milestone accumulation=state",
        "span=2011-2015 due=2014-01-15",
        "A 2012 1 | A 2013 3",
        {"P": "actual=3 attainment=100 margin=15 band=met"},
        more={
            "stages": "indicator=@ stage=1 name=a weight=30 | indicator=@ stage=2 name=b weight=40"
            " | indicator=@ stage=3 name=c weight=30"
        },
    ),
    Case(
        "milestone by stages: none done",
        LEVELS + "type=milestone accumulation=state",
        "span=2011-2015",
        "A 2013 0",
        {"P": "attainment=0 band=stalled"},
        more={"stages": "indicator=@ stage=1 name=a weight=30"},
    ),
    Case(
        "rank: from 20th to 8th, the first five asked",
        LEVELS + "type=rank accumulation=state",
        "span=2011-2015 top_n=5 baseline=20",
        "A 2012 12 | A 2013 8",
        {"P": "actual=8 attainment=80 margin=-3"},
    ),
    Case(
        "rank: fallen out of the first five is not exceeded",
        LEVELS + "type=rank accumulation=state",
        "span=2011-2015 top_n=5 baseline=2",
        "A 2013 8",
        {"P": "attainment=62.5 margin=-3 band=advancing"},
    ),
    Case(
        "benchmark: half a point above the country's average",
        LEVELS + "type=benchmark",
        "span=2011-2015 benchmark=@W offset=0.5",
        "A 2013 9 | S 2013 W 8.5",
        {"P": "actual=9 target=9.0 attainment=100 margin=0 band=met"},
        others={"W": ("frequency=year reported_by=S aggregation=none counts=no", "")},
    ),
    Case(
        "benchmark: none yet is unassessable, not failed",
        LEVELS + "type=benchmark",
        "span=2011-2015 benchmark=@W offset=0.5",
        "A 2013 9",
        {"P": "attainment=- band=unassessable"},
        others={"W": ("frequency=year reported_by=S aggregation=none counts=no", "")},
    ),
    Case(
        "benchmark: not started is none",
        LEVELS + "type=benchmark",
        "span=2011-2015 benchmark=@W offset=0.5",
        "A 2013 9 | S 2013 W not_started",
        {"P": "attainment=- band=unassessable"},
        others={"W": ("frequency=year reported_by=S aggregation=none counts=no", "")},
    ),
    Case(
        "benchmark: a flow is held against the other's sum over the same span",
        "frequency=quarter reported_by=A aggregation=none accumulation=flow type=benchmark",
        "span=2011-2015 benchmark=@W",
        "A 2012-Q4 10 | A 2013-Q1 5 | S 2012-Q4 W 10 | S 2013-Q1 W 5",
        {"P": "actual=15 target=15 attainment=100 band=met"},
        period="2013-Q1",
        others={"W": ("reported_by=S aggregation=none accumulation=flow counts=no", "")},
    ),
    Case(
        "the level two years ago is judged by its own year, not by the closing it is carried to",
        LEVELS + "type=rate flags=from_levels",
        "span=2011-2015 target=8 baseline=100 baseline_year=2010",
        "A 2011 110 | A 2013 133.1",
        {"P": "actual=10 previous=10 same_period=10 first_met=2011-12-31"},
    ),
    Case(
        "0.1 and 0.2 meet a target of 0.3",
        YEARLY + "reported_by=A;B",
        "span=2011-2015 target=0.3",
        "A 2013 0.1 | B 2013 0.2",
        {"P": "band=met attainment=100"},
    ),
    Case(
        "a unit's target of zero makes it not applicable there",
        YEARLY,
        HUNDRED + " | unit=A span=2011-2015 target=0 | unit=B span=2011-2015 target=40",
        THREE,
        {"P": "actual=90", "A": "band=not_applicable attainment=- flags=zero_target", "B": "band=lagging"},
    ),
]

X, Y = (LEVELS, TEN), (LEVELS, TEN)
BRANCHED = "indicator=@ branch=@X | indicator=@ branch=@Y"
DERIVED = [
    Case(
        "any of: the better branch decides",
        "type=any_of",
        "",
        "A 2013 X 5 | A 2013 Y 8",
        {"P": "attainment=80 margin=-2 band=advancing flags=branch:@Y"},
        others={"X": X, "Y": Y},
        more={"branches": BRANCHED},
    ),
    Case(
        "any of: with one unknown the other must be met",
        "type=any_of",
        "",
        "A 2013 X 8",
        {"P": "attainment=- band=unassessable"},
        others={"X": X, "Y": Y},
        more={"branches": BRANCHED},
    ),
    Case(
        "any of: and it is",
        "type=any_of",
        "",
        "A 2013 X 12",
        {"P": "attainment=120 band=exceeded flags=branch:@X"},
        others={"X": X, "Y": Y},
        more={"branches": BRANCHED},
    ),
    Case(
        "any of: a branch that does not apply is no branch",
        "type=any_of",
        "",
        "A 2013 X 8 | A 2013 Y not_applicable",
        {"P": "attainment=80 band=advancing"},
        others={"X": X, "Y": Y},
        more={"branches": BRANCHED},
    ),
    Case(
        "all of: the worse branch decides",
        "type=all_of",
        "",
        "A 2013 X 5 | A 2013 Y 8",
        {"P": "attainment=50 band=lagging flags=branch:@X"},
        others={"X": X, "Y": Y},
        more={"branches": BRANCHED},
    ),
    Case(
        "all of: one unknown leaves all unknown",
        "type=all_of",
        "",
        "A 2013 X 12",
        {"P": "band=unassessable"},
        others={"X": X, "Y": Y},
        more={"branches": BRANCHED},
    ),
    Case(
        "all of: what has not started is nought",
        "type=all_of",
        "",
        "A 2013 X 12 | A 2013 Y not_started",
        {"P": "attainment=0 band=not_started flags=branch:@Y"},
        others={"X": X, "Y": Y},
        more={"branches": BRANCHED},
    ),
    Case(
        "branches all missing",
        "type=any_of",
        "",
        "",
        {"P": "band=missing"},
        others={"X": X, "Y": Y},
        more={"branches": BRANCHED},
    ),
    Case(
        "of equal branches the first in the plan",
        "type=any_of",
        "",
        "A 2013 X 8 | A 2013 Y 8",
        {"P": "flags=branch:@X"},
        others={"X": X, "Y": Y},
        more={"branches": BRANCHED},
    ),
    Case(
        "a branch met by its margin, the other short of it",
        "type=any_of",
        "",
        "A 2013 X 0 | A 2013 Y 9",
        {"P": "band=exceeded margin=5 flags=branch:@X"},
        others={"X": (LEVELS + "type=threshold direction=down", "span=2011-2015 target=5"), "Y": Y},
        more={"branches": BRANCHED},
    ),
    Case(
        "any of: a threshold of nothing that is exceeded has no percentage, and is the better all the same",
        "type=any_of",
        "",
        "A 2013 X 5 | A 2013 Y 6",
        {"P": "band=exceeded flags=branch:@X"},
        others={"X": (LEVELS + "type=threshold", "span=2011-2015 target=0"), "Y": Y},
        more={"branches": BRANCHED},
    ),
    Case(
        "all of: a threshold of nothing that is exceeded does not hide the worse",
        "type=all_of",
        "",
        "A 2013 X 5 | A 2013 Y 6",
        {"P": "band=advancing attainment=60 flags=branch:@Y"},
        others={"X": (LEVELS + "type=threshold", "span=2011-2015 target=0"), "Y": Y},
        more={"branches": BRANCHED},
    ),
    Case(
        "a heading is met when all its components are",
        "",
        "",
        "A 2013 X 10 | A 2013 Y 12",
        {"P": "attainment=100 band=met"},
        others={"X": (LEVELS + "parent=@", TEN), "Y": (LEVELS + "parent=@", TEN)},
    ),
    Case(
        "a heading half of whose components are met",
        "reported_by=nobody",
        "",
        "A 2013 X 10 | A 2013 Y 9",
        {"P": "attainment=50 band=lagging"},
        others={"X": (LEVELS + "parent=@", TEN), "Y": (LEVELS + "parent=@", TEN)},
    ),
    Case(
        "a component that does not apply is none",
        "",
        "",
        "A 2013 X 10 | A 2013 Y not_applicable",
        {"P": "attainment=100 band=met"},
        others={"X": (LEVELS + "parent=@", TEN), "Y": (LEVELS + "parent=@", TEN)},
    ),
    Case(
        "a heading over components of which nothing is known",
        "",
        "",
        "",
        {"P": "attainment=- band=missing"},
        others={"X": (LEVELS + "parent=@", TEN), "Y": (LEVELS + "parent=@", TEN)},
    ),
    Case(
        "a heading over a heading",
        "",
        "",
        "A 2013 X 10",
        {"P": "attainment=100 band=met"},
        others={"M": ("parent=@", ""), "X": (LEVELS + "parent=@M", TEN)},
    ),
    Case(
        "a main indicator with a figure of its own is judged by it",
        BY_A,
        TEN,
        "A 2013 4 | A 2013 X 10",
        {"P": "actual=4 attainment=40", "P:X": "band=met"},
        others={"X": (LEVELS + "parent=@", TEN)},
    ),
    Case(
        "a figure taken from another indicator, with a target of its own",
        "reported_by=source:@X",
        "span=2011-2015 target=20",
        "A 2013 X 10",
        {"P": "actual=10 attainment=50 expected=1 reported=1", "P:X": "attainment=100"},
        others={"X": X},
    ),
    Case(
        "a source of a source",
        "reported_by=source:@Y",
        "span=2011-2015 target=20",
        "A 2013 X 10",
        {"P": "actual=10 attainment=50"},
        others={"Y": ("reported_by=source:@X", "span=2011-2015 target=5"), "X": X},
    ),
    Case(
        "the flow of a source over one's own span",
        "reported_by=source:@X accumulation=flow",
        "span=2013 target=20",
        "A 2012 X 10 | A 2013 X 5",
        {"P": "actual=5 attainment=25", "P:X": "actual=15"},
        others={"X": (LEVELS + "accumulation=flow", HUNDRED)},
    ),
    Case(
        "an agency's figure is the authority's, and the others' sum agrees",
        YEARLY + "reported_by=tier;S figure_of=S",
        HUNDRED,
        THREE + " | S 2013 90",
        {"P": "actual=90 expected=1 reported=1 beside=90 flags=-", "S": "actual=90", "R": "actual=30"},
    ),
    Case(
        "the others' sum differs: a warning, both known, never added",
        YEARLY + "reported_by=tier;S figure_of=S tolerance_pct=5",
        HUNDRED,
        THREE + " | S 2013 100",
        {"P": "actual=100 beside=90 flags=sources_differ"},
    ),
    Case(
        "a difference within the tolerance",
        YEARLY + "reported_by=tier;S figure_of=S tolerance_pct=10",
        HUNDRED,
        THREE + " | S 2013 100",
        {"P": "actual=100 beside=90 flags=-"},
    ),
    Case(
        "the figures compared are those reported, not the rate shown",
        YEARLY + "reported_by=tier;S figure_of=S type=rate flags=from_levels",
        "span=2011-2015 target=20 baseline=50 baseline_year=2012",
        THREE + " | S 2013 90",
        {"P": "actual=80 beside=90 flags=-"},
    ),
    Case(
        "the agency is silent: the tier's figures do not stand in",
        YEARLY + "reported_by=tier;S figure_of=S",
        HUNDRED,
        THREE,
        {"P": "band=missing actual=- beside=90"},
    ),
]

YEARS = "span=2013 target=20 | span=2014 target=30 | span=2011-2015 target=100"
TARGETS = [
    Case(
        "against the term",
        BY_A,
        YEARS,
        "A 2013 30",
        {"P": "span=2011-2015 attainment=30 year_target=20 term_target=100"},
    ),
    Case(
        "against the year",
        BY_A,
        YEARS,
        "A 2013 30",
        {"P": "span=2013 attainment=150 term_target=100"},
        against="year",
    ),
    Case(
        "against its own: a quarter's is looked for, then the next longer",
        "reported_by=A",
        "span=2013-H2 target=15 | span=2013 target=20 | span=2011-2015 target=100",
        "A 2013-Q3 30",
        {"P": "span=2013-H2 attainment=200"},
        period="2013-Q3",
        against="own",
    ),
    Case(
        "a quarter of its own",
        "reported_by=A",
        "span=2013-Q3 target=10 | span=2013-H2 target=15 | span=2013 target=20",
        "A 2013-Q3 30",
        {"P": "span=2013-Q3 attainment=300"},
        period="2013-Q3",
        against="own",
    ),
    Case(
        "nine months before the year",
        "reported_by=A",
        "span=2013-9M target=15 | span=2013 target=20",
        "A 2013-Q3 30",
        {"P": "span=2013-9M"},
        period="2013-Q3",
        against="own",
    ),
    Case(
        "none longer: the next shorter",
        "reported_by=A",
        "span=2013-Q4 target=15 | span=2013-Q3 target=10",
        "A 2013-Q4 30",
        {"P": "span=2013-Q4 attainment=200 term_target=- year_target=-"},
    ),
    Case(
        "the year asked has none: the term's",
        BY_A,
        "span=2014 target=30 | " + HUNDRED,
        "A 2013 30",
        {"P": "span=2011-2015 attainment=30"},
        against="year",
    ),
    Case(
        "only later ones: not due",
        BY_A,
        "span=2014-2015 target=30",
        "A 2013 30",
        {"P": "span=2014-2015 band=not_due attainment=-"},
    ),
    Case(
        "only earlier ones: nothing to judge against",
        BY_A,
        "span=2011 target=30",
        "A 2013 30",
        {"P": "actual=30 band=unassessable"},
    ),
    Case(
        "the whole term goes before a part of it",
        BY_A,
        "span=2012-2015 target=30 | " + HUNDRED,
        "A 2013 30",
        {"P": "span=2011-2015"},
    ),
    Case(
        "a target due after the review is no reason to wait",
        BY_A,
        "span=2011-2015 target=100 due=2015-12-31",
        "A 2013 30",
        {"P": "band=lagging attainment=30"},
    ),
    Case(
        "without a target of its own a unit's figure is shown, not judged",
        YEARLY + "accumulation=flow",
        HUNDRED,
        "A 2011 1 | A 2013 10 | B 2013 5 | C 2013 5",
        {"A": "actual=11 band=unassessable span=2011-2015", "P": "actual=21"},
    ),
    Case(
        "units have targets of their own",
        YEARLY,
        HUNDRED + " | unit=A span=2011-2015 target=10 | unit=R span=2011-2015 target=20",
        THREE,
        {"A": "band=met attainment=100", "R": "band=exceeded attainment=150", "P": "attainment=90"},
    ),
]

CASES = [*ACCUMULATIONS, *AGGREGATIONS, *STATES, *TYPES, *DERIVED, *TARGETS]


@pytest.fixture(scope="module")
def judged() -> CASES_OF:
    return judged_cases(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_a_review_says(case: Case, judged: CASES_OF) -> None:
    found = judged[case.says]
    assert {
        unit: wrong for unit, wanted in case.expect.items() if (wrong := unlike(found[unit], wanted))
    } == {}


MADE_OF_LEVELS = [
    "type=rate flags=from_levels",
    "type=range flags=from_levels",
    "type=reduction flags=from_levels direction=down",
    "type=range flags=from_levels aggregation=count_met",
]


@pytest.mark.parametrize("about", MADE_OF_LEVELS)
@pytest.mark.parametrize("period", ["2011", "2013"])
def test_a_review_before_any_return_says_so(about: str, period: str) -> None:
    target = "indicator,span,target,low,high,baseline,baseline_year\nX,2011-2015,5,1,9,1,2010"
    made = INDICATOR | {"code": "X", "frequency": "year"} | words(about)
    with warehouse() as engine:
        found = judge_all(
            engine,
            plan_of(province(indicators=[made], targets=rows(target))),
            moment_of(period),
            history=True,
        )
    assert set(found.band) == {"missing"}


def test_a_corrected_weight_is_seen_in_what_was_kept_of_past_closings() -> None:
    made = [
        {"code": "X", "aggregation": "weighted_mean", "weight_indicator": "W"},
        {"code": "W", "frequency": "year", "counts": "no"},
    ]
    plan = plan_of(
        province(
            indicators=[{**INDICATOR, "reported_by": "A;B", **row} for row in made],
            targets=rows("indicator,span,target\nX,2011-2015,15"),
        )
    )
    figures = "A 2012-Q4 X 10 | B 2012-Q4 X 20 | A 2013-Q1 X 10 | B 2013-Q1 X 20"
    moment = moment_of("2013-Q1")
    with warehouse() as engine:
        receive(engine, cells(f"{figures} | A 2012 W 1 | B 2012 W 1"))
        first = by_key(judge_all(engine, plan, moment, history=True))["X", "P"]
        receive(engine, cells("A 2012 W 3"))
        again = by_key(judge_all(engine, plan, moment, history=True))["X", "P"]
    assert (first["actual"], first["previous"], first["first_met"]) == (15, 15, "2012-12-31")
    assert (again["actual"], again["previous"], again["first_met"]) == (12.5, 12.5, "")


def test_a_term_has_no_same_period_of_the_year_before() -> None:
    plan = plan_of(
        province(
            indicators=[{**INDICATOR, "code": "X"}], targets=rows("indicator,span,target\nX,2011-2015,9")
        )
    )
    with warehouse() as engine:
        receive(engine, cells("A 2013-Q4 X 3 | A 2015-Q4 X 5"))
        row = by_key(judge_all(engine, plan, moment_of("2011-2015"), history=True))["X", "P"]
    assert row["actual"] == 5
    assert math.isnan(row["same_period"])


def test_what_is_past_its_date_and_not_met_is_overdue() -> None:
    """A milestone's stage past its due date is overdue by itself, though the milestone has time left."""
    made = [
        {"code": "X", "name": "x", "lead_agency": "S"},
        {"code": "Y"},
        {"code": "Z"},
        {"code": "M", "type": "milestone", "accumulation": "state"},
    ]
    targets = """indicator,span,target,due,series
X,2011-2015,100,2013-12-15,
X,2011-2015,200,2013-12-15,aspired
Y,2011-2015,100,2014-02-01,
Z,2011-2015,5,2013-12-15,
M,2011-2015,,2014-06-30,"""
    stages = """indicator,stage,name,weight,due
M,1,Lập dự án,30,2013-03-31
M,2,Khởi công,30,2013-12-31
M,3,Nghiệm thu,40,2014-06-30"""
    indicators = [{**INDICATOR, "reported_by": "A", **row} for row in made]
    plan = plan_of(province(indicators=indicators, targets=targets, stages=stages))
    today = date(2014, 1, 10)
    with warehouse() as engine:
        receive(engine, cells("A 2013-Q4 X 50 | A 2013-Q4 Y 50 | A 2013-Q4 Z 5 | A 2013-Q4 M 1"))
        found = judge_all(engine, plan, moment_of("2013", today))
    own = found[found.unit == "P"].assign(code=lambda f: f.indicator)
    overdue = overdue_targets(plan, own, CALENDAR, today)
    said = overdue[["indicator", "kind", "what", "days_overdue", "lead_agency"]].values.tolist()
    assert said == [["X", "target", "", 26, "S"], ["M", "stage", "Khởi công", 10, ""]]


def test_several_series_are_judged_each_and_the_declared_one_counts() -> None:
    targets = "indicator,span,series,target\nX,2011-2015,assigned,100\nX,2011-2015,aspired,120"
    plan = plan_of(
        province(indicators=[{**INDICATOR, "code": "X", "reported_by": "A"}], targets=rows(targets))
    )
    with warehouse() as engine:
        receive(engine, cells("A 2013-Q4 X 110"))
        found = judge_all(engine, plan, moment_of("2013"))
    own = found[found.unit == "P"].set_index("series")
    assert own.band.to_dict() == {"assigned": "exceeded", "aspired": "advancing"}
    assert by_key(found)["X", "P"]["target"] == 100


@pytest.mark.parametrize("indicator", ["X", "ANY", "MAIN"])
def test_every_node_of_a_review_has_one_row_an_indicator(indicator: str) -> None:
    made = [
        {"code": "X"},
        {"code": "ANY", "type": "any_of"},
        {"code": "MAIN"},
        {"code": "PART", "parent": "MAIN"},
    ]
    targets = rows("indicator,span,target\nX,2011-2015,100\nPART,2011-2015,100")
    raw = province(
        indicators=[{**INDICATOR, **row} for row in made],
        targets=targets,
        branches=rows("indicator,branch\nANY,X"),
    )
    with warehouse() as engine:
        receive(engine, cells("A 2013-Q4 X 110"))
        found = judge_all(engine, plan_of(raw), moment_of("2013"))
    units = found[found.indicator == indicator].unit
    assert sorted(units) == ["A", "B", "C", "P", "R"], (
        "the authority, every reporter, and the region between them"
    )
