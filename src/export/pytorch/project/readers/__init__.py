"""Data of one's own, in the usual forms: `--data KIND:PATH`. All training instances with a target are labelled."""
