from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "courrielleur.jobs"
    label = "jobs"
