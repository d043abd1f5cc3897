/** What `qwq eval --help` says after the options. */
export const EVAL_HELP = `
The problems of aime24, aime25 and ifeval come with qwq. The others' data is
named by --data: livecodebench from github.com/QwenLM/QwQ (eval/data), math500
from the hub (HuggingFaceH4/MATH-500, test.jsonl), gpqa as its authors' CSV or
as JSON lines with its columns, bfcl from github.com/ShishirPatil/gorilla.

A file of one's own has an object a line: {"id", "prompt" or "messages",
"answer", "choices", "grader", "part"}, where the grader is math, choice, text
or ifeval. docs/eval.md says more.

The folder holds every reply (samples.jsonl), each written to the disk before
the next is counted, their grades, report.json and index.html. --resume goes on
after a cut, and asks nothing that is there. Sampling is QwQ's own unless told:
temperature 0.6, top-k 40, top-p 0.95, 32,768 tokens.

Examples:
  qwq eval aime24 --server http://127.0.0.1:8080 --samples 64
  qwq eval aime24 --server http://127.0.0.1:8080 --samples 64 --resume
  qwq eval ifeval --server https://api.example.com/v1 \\
    --server-model qwq-32b --key-variable API_KEY --per-minute 60 --dry-run
  qwq eval mine.jsonl -m SmolLM2-135M-Instruct.Q4_1.gguf --max-tokens 200
  qwq eval aime24 --grade recorded.jsonl --json`;
