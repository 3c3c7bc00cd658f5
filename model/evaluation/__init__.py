"""Measures retrieval: given one picture, whether the others of the same bridge come first.

Leave-one-out over labelled pictures: one folder per bridge (or type), `_other` for distractors, or
a field of the records beside them. Every picture of a label with at least five pictures is a query
against all the others.

`labelled.py` says what is measured on, `methods.py` what is measured, `describing.py` shows the
pictures to the methods, `metrics.py` and `intervals.py` count, `measuring.py` puts it together,
`tables.py` shows it, and `command.py` is the verb.
"""
