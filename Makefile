# Each target is one command of course.py, which also works where there is no make.
PYTHON ?= python3

.PHONY: lab test test-all notebooks setup
lab test notebooks setup:
	@$(PYTHON) course.py $@

test-all: test
	@$(PYTHON) course.py $@
