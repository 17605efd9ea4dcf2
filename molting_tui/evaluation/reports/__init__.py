"""Reports: totals of old ones taken in and checked, the versions of a model in one table, and the page to publish."""
