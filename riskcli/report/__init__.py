"""An assessment as people read it. Decides nothing: every word comes from the answer or the rule files."""
