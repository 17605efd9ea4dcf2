"""The only Textual code: the app, its screens, its widgets, its keys."""
