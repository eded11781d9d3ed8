from django.apps import AppConfig


class FblConfig(AppConfig):
    name = "fbl"
