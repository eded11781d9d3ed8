"""How fast it is, each figure beside a floor measured in the same run: what the machine would do without us.

One file for each measurement, with a `measure()` that yields figures. They run in a process of their own
(`python -m courrielleur.bench`), on a database made for them and thrown away; `manage.py bench` starts it.
"""
