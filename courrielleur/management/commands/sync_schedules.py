"""Write the worker's schedules as this release wants them."""

from typing import Any

from django.core.management.base import BaseCommand
from django_q.models import Schedule

RUN = "courrielleur.jobs.queue.run_scheduled"
MINUTES = {"tick": 1}  # how often a step of the pipeline runs when nobody nudges it


class Command(BaseCommand):
    help = "Write the worker's schedules as this release wants them; can be run again at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        for step, minutes in MINUTES.items():
            Schedule.objects.update_or_create(
                name=step,
                func=RUN,
                defaults={
                    "args": repr((step,)),
                    "schedule_type": Schedule.MINUTES,
                    "minutes": minutes,
                    "repeats": -1,
                },
            )
        Schedule.objects.filter(func=RUN).exclude(name__in=MINUTES).delete()
