# Each target is one command of course.py, which also works where there is no make. ARGS are handed
# on: make grade ARGS=scenarios
PYTHON ?= python3

.PHONY: test-all lab test notebooks pictures bench setup assignments grade collect export report paper slides bank book release own publish test-release test-matrix test-hub
lab test notebooks pictures bench setup assignments grade collect export report paper slides bank book release own publish test-release test-matrix test-hub:
	@$(PYTHON) course.py $@ $(ARGS)

test-all: test
	@$(PYTHON) course.py $@ $(ARGS)
