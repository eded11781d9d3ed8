from django.apps import AppConfig


class CourrielleurConfig(AppConfig):
    name = "courrielleur"
    default = False
