"""Never comes back from being imported."""

import threading

threading.Event().wait()
