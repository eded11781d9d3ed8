#!/usr/bin/env python
"""Courrielleur's command line: `python manage.py help`.

The embedded database needs no word here: a command that uses it starts it for its own duration, or joins the one
that runs (`courrielleur.database.embedded`). A failure people can mend is a sentence, never a traceback.
"""

import os
import sys

UNDEFINED_TABLE = "42P01"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courrielleur.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import OperationalError, ProgrammingError
    except ImportError:
        sys.stderr.write("Courrielleur's requirements are not installed for this Python. Run: make setup\n")
        return 1
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read our output has enough
        return 1
    except ImproperlyConfigured as error:
        return failed(error, str(error))
    except OperationalError as error:
        hint = "\nCheck DATABASE_URL, and that its server runs." if os.environ.get("DATABASE_URL") else ""
        return failed(error, f"The database: {str(error).strip()}{hint}")
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) != UNDEFINED_TABLE:
            raise
        return failed(error, "The database lacks tables of this release. Run: python manage.py migrate")
    return 0


def failed(error: Exception, text: str) -> int:
    if "--traceback" in sys.argv:
        raise error
    sys.stderr.write(f"{text}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
