from django.apps import AppConfig


class CourrielleurConfig(AppConfig):
    name = "courrielleur"
    default = False

    def ready(self) -> None:
        from courrielleur import checks  # noqa: F401  # registers them, once the settings are whole
