"""`python -m tradai_iac.runner`: the name by which containers are asked to run, whichever version their image has.

Never imports the runner, which lies above this tree: it runs it by name. Must never do more than hand over.
"""

import runpy

if __name__ == "__main__":
    runpy.run_module("tradai_runner", run_name="__main__", alter_sys=True)
