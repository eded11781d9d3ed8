"""Read the accounting logs of MTAs: delivered mail becomes counts at once, everything else a record each.

A reader takes bytes as they come and says how many of them it has used up; it knows no files, no clock and no
database. What it must remember between two pieces (a heading, open queue ids) it gives out as a state of plain
values, so that a run can end after any piece and another go on there.
"""
