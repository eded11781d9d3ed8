"""What came in, and whose it is: reports, the events they tell of, hourly counters, suppressions."""

from fbl.models.counts import CampaignName, FeedbackEvent, HourlyCount, Suppression, TouchedAccount, VolumeBatch
from fbl.models.logs import LoggedHour, LogImport, LogPost, SeenLogRecord, TakenBackDelivery
from fbl.models.reports import DoorHour, Feed, FeedHour, InboundReport, LaneDecision
from fbl.models.webhooks import EspEndpoint, EspPost

__all__ = [
    "CampaignName",
    "DoorHour",
    "EspEndpoint",
    "EspPost",
    "Feed",
    "FeedHour",
    "FeedbackEvent",
    "HourlyCount",
    "InboundReport",
    "LaneDecision",
    "LogImport",
    "LogPost",
    "LoggedHour",
    "SeenLogRecord",
    "Suppression",
    "TakenBackDelivery",
    "TouchedAccount",
    "VolumeBatch",
]
