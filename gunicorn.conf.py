"""How gunicorn serves the application: `gunicorn wsgi:app` finds this file by itself.

Addresses, workers and threads are settings (`python -m app --help`); here stands what follows.
"""

import gc
import os
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import Any

# Before NumPy is imported: the workers share the cores already, and the threads of a matrix product
# that wait for one another on busy cores make it many times slower.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from app import metric_files
from app.connection import Patience
from app.logs import line, without_stderr
from app.settings import SettingsError, load
from app.worker import Worker
from model import apart

try:
    _settings = load()
except SettingsError as error:
    sys.exit(f"imagesearch cannot start. {error}")

# Before anything is measured: prometheus-client looks where when it is loaded.
if _settings.metrics:
    try:
        metric_files.prepare(_settings.workers)
    except OSError as error:
        sys.exit(f"imagesearch cannot start. There is no room to measure: {error}.")

# One for all workers, and first of all: it loads what decodes pictures while the application is
# loaded here. It ends when the last of them has.
apart.nursery()

bind = f"{_settings.host}:{_settings.port}"

# Measured on two free cores: a 640x480 JPEG to /api/v1/search, the clients on the same machine;
# searches per second at 1, 4 and 16 clients, medians of 4 interleaved rounds of 2.5 s:
#     1 worker x 4 threads   80  136  140       2 x 4   83  169  180       2 x 2   86  176  179
#     2 x 1                  89  172  179       4 x 1   89  170  166       3 x 4   83  170  173
# Two processes use two cores, a third brings nothing; more threads cost nothing, and small requests
# need not wait for large pictures. No thread waits for a client: app/worker.py says how.
workers = _settings.workers
threads = _settings.threads
worker_class = Worker

# Bad clients. `python -m benchmarks.hostile` measures what they do to others.
Worker.patience = Patience(
    # A browser sends the head at once; a lost packet or three come again within seconds.
    head=10,
    # As Apache's mod_reqtimeout counts, which is on everywhere: so long for a body, and a second
    # more for each 5 kB of it; and the same for an answer. A telephone at the edge of its network
    # is faster, and who is slower holds some memory and no thread.
    body=20,
    rate=5000,
    # Clients close within a round trip. Those that still send what is too large read nothing before
    # all is sent, and would see a broken connection in place of the answer.
    parting=2,
    draining=10,
    # A browser opens six; dozens of people may share one address. Not counted behind a proxy.
    of_one_address=100,
    # 128 MB in each process; beyond that the one that holds most is closed. Nothing goes to a disk.
    bodies=8,
)
# When there are so many in one process, a new one takes the place of the one that waits longest:
# who sends at once is answered before its turn comes. Files of our own need some 60 handles.
worker_connections = min(1000, max(16, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 100))
# Connections that wait to be taken by a process, while all are busy for a moment. Linux takes as
# many as net.core.somaxconn says, which is 4096.
backlog = 2048

# One copy of the code and the records in memory, and a bundle that cannot be used stops the start
# instead of restarting workers for ever. A new bundle is picked up without any reload.
preload_app = True

# A worker that answers nobody for this long is replaced. Requests that run when the server is told
# to stop or reload get this long to finish.
timeout = 60
graceful_timeout = 30
# Seconds that a connection stays open without a request, also the first time. Browsers open some
# ahead of need, and open them again without a word.
keepalive = 5

# Far more than any browser sends; enough to refuse what is only meant to fill the memory. What a
# proxy and a server could read in two ways (both lengths, two lengths, folded lines, spaces before
# a colon, lines that end with LF alone) gunicorn refuses by itself: none of the settings that
# would allow it is set.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# What proxies tell is believed by the application, from as many as the settings say; gunicorn would
# believe whoever is on this machine.
forwarded_allow_ips = ""
forwarder_headers = ""

# The heartbeat is a file: on a disk that stalls, healthy workers would be killed.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes it safely

# Nobody steers this server through a socket, and a read-only root has no place for one.
control_socket_disable = True

accesslog = "-" if _settings.access_log else None
errorlog = "-"
# Its lines tell nothing of who asks, nor what for: the address of a search tells of a picture.
logger_class = "app.server_logs.ServerLog"
loglevel = "warning"


def when_ready(server: Any) -> None:
    """Say where the server answers, as soon as it does."""
    for listener in server.LISTENERS:
        told = line(_settings.log_format, f"imagesearch answers at {listener}")
        sys.stdout.write(f"{told}\n")
    sys.stdout.flush()


# Told to stop between its fork and its first handlers, a worker would lose the signal (the master's
# handlers are still its own) and hold the whole server for graceful_timeout: it waits until then.
_STOPPING = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
os.register_at_fork(
    after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING),
)


def pre_fork(server: Any, worker: Any) -> None:
    """Hold signals back, and the collector from what all workers share: it would copy every page.

    16 MB less for a server with two workers; https://docs.python.org/3/library/gc.html#gc.freeze.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    gc.collect()
    gc.freeze()
    worker.place = metric_files.free(server.WORKERS.values())


def post_fork(_server: Any, worker: Any) -> None:
    """Let the worker count what it does for itself."""
    metric_files.take(worker.place)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget what a worker had in hand when it ended, however that was."""
    metric_files.leave(worker.place)


# Seconds. Before the start it would delay the first answer, at the start slow it down; done by
# whoever asks first, the first results of each process take half a second longer.
_PAGES_AFTER = 1.0


def post_worker_init(worker: Any) -> None:
    """Make decoders and encoder now: after the fork, which their threads would not survive.

    Ctrl-C reaches master and workers alike: the master alone listens to it, and the workers finish
    what they have begun. gunicorn would have them shut their threads down inside of the signal's
    handler, which waits for itself when a thread was just being started.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGQUIT, worker.handle_exit)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
    with without_stderr():  # of the first graph in a process: LiteRT tells that it has made one
        worker.wsgi.extensions["imagesearch"][1].warm()
    pages = threading.Timer(_PAGES_AFTER, _compile_pages, [worker.wsgi.jinja_env])
    pages.daemon = True
    pages.start()


def _compile_pages(environment: Any) -> None:
    for name in environment.list_templates():
        environment.get_template(name)
