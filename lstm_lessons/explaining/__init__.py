"""Any network and any error, explained: what was seen, as data, and then as a page."""
