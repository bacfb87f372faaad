"""What lists are counted by, read once for a walk through many of them."""

from contextlib import contextmanager

import pytest

from records.facets import Index


@contextmanager
def counted_once():
    """Pages that are walked while nothing changes: what their lists are counted by is read once, not for each page.

    A test has written before it walks, so that each question would read all anew: what its transaction wrote may never
    be. Whether the index follows what changes is asked elsewhere, in tests that commit.
    """
    state, kept = Index.state, {}

    def state_once(index, using="default"):
        if index not in kept:
            kept[index] = state(index, using)
        return kept[index]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Index, "state", state_once)
        yield
    # Else it stands for nothing: all that is counted by them asks here.
    assert kept
