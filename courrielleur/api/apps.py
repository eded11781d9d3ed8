from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "courrielleur.api"
    label = "api"
