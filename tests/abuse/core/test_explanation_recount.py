"""Every figure of an explanation, counted again from the events by other means than the product's."""

import os
import re
from collections import defaultdict
from math import ceil, erfc, exp, log

import pytest

from abuse.core.explanation import explain
from abuse.core.judging import Judge
from abuse.core.policy import default_policy
from abuse.core.verdict import Basis, Reason
from courrielleur.simulation import rows, senders
from courrielleur.simulation.rows import PROVIDERS

POLICY = default_policy()
FEEDS = PROVIDERS[:-1]
SEED, SCALE = 11, float(os.environ.get("RECOUNT_SCALE", "0.25"))  # more of them by hand: RECOUNT_SCALE=0.5


class Recount:
    """What an account's events say at the end of an hour, from the rows and the words of the rule alone."""

    def __init__(self, events, hour):
        self.today = hour // 24
        seen = [row for row in events if row.seen_hour <= hour]
        ids, who, complaints = set(), set(), defaultdict(int)
        for row in seen:
            if row.kind == "complaint" and row.event_id not in ids:
                ids.add(row.event_id)
                if row.recipient not in who:
                    who.add(row.recipient)
                    complaints[row.send_hour // 24, row.provider] += 1
        sent, hours, bounces = defaultdict(int), defaultdict(int), defaultdict(int)
        for row in seen:
            if row.kind == "sent":
                sent[row.send_hour // 24, row.provider] += row.n
                hours[row.send_hour // 24] += row.n * row.send_hour
            elif row.kind == "hard_bounce":
                bounces[row.send_hour // 24] += row.n
        self.days = {}
        for day in range(self.today - POLICY.window_kept + 1, self.today + 1):
            delivered = sum(sent[day, provider] for provider in PROVIDERS)
            if not delivered:
                continue
            age = max(0.25, hour - hours[day] / delivered + 1)
            part = max(0.05, 0.5 * erfc(-log(age / 8) / 1.5 / 2**0.5))
            reporting = sum(sent[day, provider] for provider in FEEDS)
            raw = sum(complaints[day, provider] for provider in FEEDS)
            capped = sum(min(complaints[day, one], ceil(round(sent[day, one] / 50, 6)) + 1) for one in FEEDS)
            by_complaints = evidence(capped, reporting * part, 0.0025, 0.5, 1.8, 2.5)
            by_bounces = evidence(bounces[day], delivered, 0.05, 0.6, 1.6, 8)
            self.days[day] = (delivered, reporting, raw, bounces[day], by_complaints, by_bounces)

    def score(self, basis):
        """Return (score, first day, score without the worst day) of a basis."""
        take = {
            Basis.COMPLAINTS: lambda day: day[4],
            Basis.BOUNCES: lambda day: day[5],
            Basis.JOINT: lambda day: day[4] + day[5],
        }[basis]
        score, stretch = 0.0, []
        for number, day in self.days.items():
            if score == 0:
                stretch = []
            stretch.append((number, take(day)))
            score = max(0.0, score + take(day))
        return score, stretch[0][0], score - max(value for _, value in stretch)

    def period(self, first_day):
        chosen = [day for number, day in self.days.items() if number >= first_day]
        return [sum(day[index] for day in chosen) for index in range(4)], len(chosen)


def evidence(events, exposure, limit, acceptable, unacceptable, r):
    low, high = limit * acceptable, limit * unacceptable
    return events * log(high / low) - (events + r) * log((r + exposure * high) / (r + exposure * low))


def figure(pattern, text):
    """Return the numbers in *text* where *pattern* has #."""
    found = re.search(pattern.replace("#", r"([\d.,]*\d)"), text)
    assert found, (pattern, text)
    return [float(group.replace(",", "")) for group in found.groups() if group is not None]


def explained():
    """Yield (verdict, account's events) of a platform's changes."""
    platform = list(senders(SEED, scale=SCALE, days=60))
    events = defaultdict(list)
    for row in rows(platform, days=60):
        events[row.account].append(row)
    everything = sorted((row for found in events.values() for row in found), key=lambda row: row.seen_hour)
    judge = Judge(POLICY, FEEDS)
    for change in judge.changes([str(value) for value in row] for row in everything):
        yield change, events[change.account]


def test_every_figure_of_an_explanation_is_that_of_a_recount():
    number = 0
    for change, events in explained():
        number += 1
        verdict, again = change.verdict, Recount(events, change.hour)
        for basis, found, rest in (
            (Basis.COMPLAINTS, verdict.score_complaints, verdict.rest_complaints),
            (Basis.BOUNCES, verdict.score_bounces, verdict.rest_bounces),
            (Basis.JOINT, verdict.score_joint, verdict.rest_joint),
        ):
            score, first_day, without = again.score(basis)
            assert (found, rest) == pytest.approx((score, without), abs=1e-6)
            if basis is verdict.basis:
                assert verdict.first_day == first_day
        (delivered, reporting, complaints, bounces), send_days = again.period(verdict.first_day)
        counted = (verdict.delivered, verdict.reporting, verdict.complaints, verdict.bounces, verdict.send_days)
        assert counted == (delivered, reporting, complaints, bounces, send_days)
        text = explain(verdict, "en")
        assert figure("# messages? w", text) == [delivered]
        assert figure(r"# of them to providers", text) == [reporting]
        if send_days > 1:
            assert figure("in # sending days", text) == [send_days]
        if complaints:
            shown, rate, limit = figure("# distinct complaints? came in, a rate of #%; the limit of #%", text)
            assert (shown, limit) == (complaints, 0.25)
            assert rate == pytest.approx(100 * complaints / reporting, abs=0.0051)
        if bounces:
            shown, rate, limit = figure("# hard bounces? came back, a rate of #%; the limit of #%", text)
            assert (shown, limit) == (bounces, 5)
            assert rate == pytest.approx(100 * bounces / delivered, abs=0.0051)
        tolerated = [int(count.replace(",", "")) for count in re.findall(r"would have tolerated ([\d,]+)", text)]
        expected = [reporting // 400, delivered // 20]
        assert tolerated == [count for count in expected if count]
        if times := re.search(r"are (?:more than )?([\d,.]+) times likelier", text):
            score = max(again.score(one)[0] for one in (Basis.COMPLAINTS, Basis.BOUNCES, Basis.JOINT))
            score = score if verdict.basis is Basis.TWO_DAYS else again.score(verdict.basis)[0]
            assert float(times[1].replace(",", "")) == pytest.approx(min(exp(score), 10_000), rel=0.06)
        assert (Reason.RESELLER_PATTERN in verdict.reasons) <= bool(events[0].parent)
    assert number >= 200
