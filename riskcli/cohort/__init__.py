"""Many cases: the same answers for a file of any size, and what a cohort can say about the rules.

A cohort decides nothing: its rows become cases for the one engine. Data frame libraries load only here.
"""
