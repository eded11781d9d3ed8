"""The console of the abuse team."""

from django.urls import path

from courrielleur.portal import (
    desk_accounts,
    desk_cases,
    desk_doors,
    desk_feeds,
    desk_lanes,
    desk_orders,
    desk_policies,
    desk_queue,
    desk_reports,
    desk_sample,
    desk_today,
)

app_name = "desk"
urlpatterns = [
    path("", desk_today.today, name="today"),
    path("queue/", desk_queue.queue, name="queue"),
    path("cases/<slug:key>/", desk_cases.case, name="case"),
    path("cases/<slug:key>/take/", desk_cases.take, name="take"),
    path("cases/<slug:key>/assign/", desk_cases.assign, name="assign"),
    path("cases/<slug:key>/message/", desk_cases.message, name="message"),
    path("cases/<slug:key>/decide/", desk_cases.decide, name="decide"),
    path("cases/<slug:key>/letter/", desk_cases.letter, name="letter"),
    path("accounts/", desk_accounts.accounts, name="accounts"),
    path("accounts/<slug:key>/", desk_accounts.account, name="account"),
    path("accounts/<slug:key>/suspend/", desk_accounts.suspend, name="suspend"),
    path("reports/", desk_reports.lanes, name="lanes"),
    path("reports/<str:lane>/", desk_reports.lane, name="lane"),
    path("reports/<str:lane>/<uuid:report_id>/", desk_reports.report, name="report"),
    path("reports/<str:lane>/<uuid:report_id>/layout/", desk_sample.sample, name="sample"),
    path("reports/<str:lane>/dismiss/", desk_lanes.dismiss_all, name="dismiss_all"),
    path("reports/<str:lane>/reread/", desk_lanes.reread, name="reread"),
    path("reports/<str:lane>/<uuid:report_id>/accept/", desk_lanes.accept, name="accept"),
    path("reports/<str:lane>/<uuid:report_id>/dismiss/", desk_lanes.dismiss, name="dismiss"),
    path("doors/", desk_doors.doors, name="doors"),
    path("doors/<slug:door>/", desk_doors.door, name="door"),
    path("feeds/", desk_feeds.feeds, name="feeds"),
    path("feeds/enrol/", desk_feeds.enrol, name="enrol_feed"),
    path("feeds/<slug:key>/retire/", desk_feeds.retire, name="retire_feed"),
    path("orders/", desk_orders.orders, name="orders"),
    path("orders/<uuid:order_id>/replay/", desk_orders.replay, name="replay"),
    path("policies/", desk_policies.versions, name="policies"),
    path("policies/thresholds/", desk_policies.thresholds, name="thresholds"),
    path("policies/write/", desk_policies.write, name="write_policy"),
    path("policies/<int:number>/", desk_policies.version, name="policy"),
    path("policies/<int:number>/activate/", desk_policies.activate, name="activate_policy"),
    path("policies/<int:number>/withdraw/", desk_policies.withdraw, name="withdraw_policy"),
    path("reasons/", desk_today.reason_codes, name="reasons"),
]
