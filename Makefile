# Each target is one command of course.py, which also works where there is no make.
PYTHON ?= python3
COMMANDS = lab test notebooks pictures bench assignments grade book release test-hub setup

.PHONY: $(COMMANDS) test-all
$(COMMANDS):
	@$(PYTHON) course.py $@ $(ARGS)

test-all: test
	@$(PYTHON) course.py $@ $(ARGS)
