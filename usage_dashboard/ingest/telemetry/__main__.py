"""The receiver as a process of its own: `PY -I -S …/telemetry/__main__.py HOME PORT [DESCRIPTOR]`.

Started by place, without `-m`: neither the working folder nor site-packages is searched for the package.
DESCRIPTOR is a socket that listens on PORT already.
"""

import os
import sys


def main(home: str, port: int, listening: int | None = None) -> None:
    """Run the receiver for the ledger in `home`; errors go to the fault log, since there is no terminal."""
    import time  # noqa: PLC0415 - the package has to be found first

    from usage_dashboard.ingest.telemetry import run  # noqa: PLC0415
    from usage_dashboard.store import fault_log  # noqa: PLC0415

    def now_us() -> int:
        return time.time_ns() // 1000

    try:
        os.chdir(home)  # so that a project's folder can be removed while this runs
        run.run_receiver(home, port, now_us, listening=listening)
    except Exception as error:  # noqa: BLE001 - the edge: nobody would see a traceback
        fault_log.note_fault(home, run.LOG_NAME, error, now_us())


if __name__ == "__main__":
    sys.path.append(
        os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    )
    main(sys.argv[1], *map(int, sys.argv[2:]))
