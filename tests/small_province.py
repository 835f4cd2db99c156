"""A province of four districts with its officers, for the tests of messages."""

from datetime import UTC, date, datetime
from functools import cache
from io import StringIO

import pandas as pd

from tasks.post.messages import Desk, desk_of
from tasks.post.occasions import Occasion, ReminderRules
from tasks.post.recipients import Directory
from tiendo.calendars import Calendar
from tiendo.plan import Plan, read_plan

TABLES = {
    "term": "code,name,authority,starts,ends\nNK,Nhiệm kỳ 2026–2030,10,2026-01-01,2030-12-31",
    "org_units": """code,name,level,parent,valid_from,valid_to,reports
10,Tỉnh Lào Cai,province,,2000-01-01,,no
SNN,Sở Nông nghiệp,agency,10,2000-01-01,,no
080,Thành phố Lào Cai,district,10,2000-01-01,,yes
082,Huyện Bát Xát,district,10,2000-01-01,,yes
083,Huyện Mường Khương,district,10,2000-01-01,,yes
084,Huyện Si Ma Cai,district,10,2000-01-01,,yes""",
    "officers": """code,name,title,unit,email,phone,channels,locale
my,Giàng Thị Mỷ,Bà,082,my@batxat.example,0912 345 678,,
lo,Lò A Sáng,Ông,082,lo@batxat.example,,mail,
hai,Vàng Văn Hai,Ông,083,hai@huyen.example,0987654321,mail;sms,vi
anna,Anna Trần,,SNN,anna@so.example,,mail,en
chau,Châu A Vần,Đồng chí,10,chau@tinhuy.example,,mail,
vp,Nguyễn Thị Vân Phòng,Bà,10,vp@tinhuy.example,0203 111 222,mail,""",
    "responsibilities": """officer,role,scope,code,valid_from,valid_to
lo,head,unit,082,,
hai,reporter,unit,083,,
hai,reporter,unit,084,2026-01-01,
chau,leader,programme,CT1,,
vp,reviewer,term,NK,,""",
    "programmes": "code,name,order\nCT1,Phát triển nông nghiệp,1",
    "schemes": "code,programme,name,lead_agency\nDA1,CT1,Trồng rừng,SNN",
    "indicators": """code,name,scheme,unit,frequency,accumulation,aggregation,type,reported_by
R1,Diện tích rừng trồng mới,DA1,ha,quarter,flow,sum,ratio,tier
R2,Tỷ lệ che phủ rừng,DA1,%,year,stock,mean,ratio,tier""",
    "targets": "indicator,unit,span,target,due\nR1,,2026-2030,5000,2030-12-31\nR2,,2026-2030,60,2030-12-31",
}

CALENDAR = Calendar(name="gregorian", due_working_days=2)
RULES = ReminderRules()


@cache
def plan_of(**tables: str) -> Plan:
    """The plan of the province, with some tables given anew as CSV."""
    return read_plan({name: _frame(text) for name, text in {**TABLES, **tables}.items()})


def _frame(text: str) -> pd.DataFrame:
    return pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)


def directory(plan: Plan | None = None, day: date = date(2026, 9, 11)) -> Directory:
    return Directory(plan or plan_of(), day)


def desk(*channels: str) -> Desk:
    return desk_of(directory(), channels, "vi", "Asia/Ho_Chi_Minh")


def occasion(today: date, hour: int = 8, plan: Plan | None = None, rules: ReminderRules = RULES) -> Occasion:
    """A run of reminding on a morning, the hour in Vietnam's time."""
    now = datetime(today.year, today.month, today.day, hour, tzinfo=CALENDAR.instant(today, 0).tzinfo)
    return Occasion(directory(plan, today), CALENDAR, rules, today, now.astimezone(UTC))
