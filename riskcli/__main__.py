"""`python -m riskcli`."""

import sys

from riskcli.check import check_table
from riskcli.loader import load_rules
from riskcli.trials import differences

rules = load_rules()
bad = 0
from pathlib import Path

for arg in sys.argv[3:] or rules.names:
    name = Path(arg).stem
    for finding in check_table(rules, name):
        bad += finding.severity == "fault"
        print(finding)
    from riskcli.check import vignette_file
    from riskcli.errors import RuleFileError
    from riskcli.rule_files import read_vignettes

    f = vignette_file(rules.file(name))
    if f.exists():
        try:
            doc, v = read_vignettes(f)
        except RuleFileError as e:
            print(e)
            continue
        try:
            t = rules.get(name)
        except RuleFileError:
            continue
        for i, ex in enumerate(v.vignettes):
            for d in differences(t, ex):
                bad += 1
                print(f"{f}:{doc.line(('vignettes', i))}: vignette {ex.id}: {d}")
        print(name, len(v.vignettes), "vignettes")
print("faults:", bad)
sys.exit(3 if bad else 0)
