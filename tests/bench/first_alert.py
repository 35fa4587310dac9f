"""What Lambda does with the alert function at a cold start: import it, and hand it a batch. A program: it takes the
batch's file. It imports nothing that the function wouldn't find on Lambda."""

import json
import sys
import time

from handlers.alert import lambda_handler

initialised = time.monotonic(), time.process_time()
with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - pathlib is an import more
    answer = lambda_handler(json.load(file), None)
assert answer == {"batchItemFailures": []}, answer
print(json.dumps({"initialised": initialised, "done": (time.monotonic(), time.process_time())}))
