"""Compile the message catalogues that changed."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from courrielleur.texts import UnreadableCatalogue, compile_catalogues


class Command(BaseCommand):
    help = "Compile the message catalogues that changed (.po to .mo); needs no gettext."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = compile_catalogues(Path(path) for path in settings.LOCALE_PATHS)
        except UnreadableCatalogue as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: can't be written ({error.strerror}). Make it writable.") from error
        for path in written:
            self.stderr.write(f"compiled {path}")
