"""NumPy, imported when something of it is first asked for: what needs no numbers runs without."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
else:

    class _Late:
        def __getattr__(self, name):
            import numpy

            found = getattr(numpy, name)
            setattr(self, name, found)  # the next time it is found at once
            return found

    np = _Late()
