"""What the tokenizers library makes of texts, for test/hf/tokenizer.test.ts.

tokenizer.py VOCABULARY         the drawn strings of golden/make_text.py: a line of JSON each, as its sums are made of
tokenizer.py VOCABULARY stdin   the same of the JSON strings on stdin, one a line
"""

import json
import pathlib
import sys

golden = pathlib.Path(__file__).resolve().parents[2] / "golden"
sys.path.insert(0, str(golden))

import make_text

texts = [json.loads(line) for line in sys.stdin] if sys.argv[2:] else make_text.adversarial()
for row in make_text.answers(make_text.vocabularies(golden)[sys.argv[1]], texts):
    print(json.dumps(row, ensure_ascii=True))
