"""Who a mail says it is from, and when it says it was written: two fields, read from the bytes without parsing."""

import re
from dataclasses import dataclass
from datetime import datetime

from fbl.core.dates import read_date
from fbl.core.headers import clean_address

_MAX_HEAD = 1 << 16  # bytes of the header block that are looked at
_END = re.compile(rb"\r?\n[ \t]*\r?\n")
_FROM = re.compile(rb"(?:^|\n)from[ \t]*:[ \t]*([^\n]{0,1000}(?:\n[ \t][^\n]{0,1000}){0,20})", re.IGNORECASE)
_DATE = re.compile(rb"(?:^|\n)date[ \t]*:[ \t]*([^\n]{0,200})", re.IGNORECASE)


@dataclass(frozen=True)
class Letterhead:
    sender: str = ""  # address of the From field, lower case
    date: datetime | None = None


NO_LETTERHEAD = Letterhead()


def read_letterhead(raw: bytes) -> Letterhead:
    head = raw[:_MAX_HEAD]
    if end := _END.search(head):
        head = head[: end.start()]
    sender, date = _FROM.search(head), _DATE.search(head)
    return Letterhead(
        sender=clean_address(sender[1].decode("latin-1")).lower() if sender else "",
        date=read_date(date[1].decode("latin-1")) if date else None,
    )
