"""Gives the lessons to a learner, and opens them. `course.py` takes its modules one by one."""
