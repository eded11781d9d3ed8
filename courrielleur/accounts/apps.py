from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "courrielleur.accounts"
    label = "accounts"
