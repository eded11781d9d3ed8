"""The worker's schedules are what this release says, however often they are written."""

import pytest
from django.core.management import call_command
from django_q.models import Schedule

from courrielleur.management.commands.sync_schedules import RUN


@pytest.mark.django_db
def test_schedules_are_written_once_and_those_of_older_releases_go():
    Schedule.objects.create(name="yesterday", func=RUN, args="('yesterday',)", schedule_type=Schedule.DAILY)
    theirs = Schedule.objects.create(name="own", func="their.module.function", schedule_type=Schedule.DAILY)
    for _ in range(2):
        call_command("sync_schedules")
    assert list(Schedule.objects.filter(func=RUN).values_list("name", "args", "minutes", "repeats")) == [
        ("tick", "('tick',)", 1, -1)
    ]
    assert Schedule.objects.filter(pk=theirs.pk).exists()
