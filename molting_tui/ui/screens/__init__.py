"""The screens: home, triage, rewrite, info, help, and the small ones that ask."""
