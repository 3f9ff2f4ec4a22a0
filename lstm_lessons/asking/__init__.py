"""Questions and tasks: what is asked, what is typed, and what a wrong answer says."""
