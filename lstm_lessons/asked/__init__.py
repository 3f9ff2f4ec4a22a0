"""The lessons' own questions and tasks, those that no Spec can put: a module for some lessons."""
