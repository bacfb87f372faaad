# Shared by the scripts beside it; sourced from the root of the checkout, never run.
# shellcheck shell=bash

refuse() {
  echo "$*" >&2
  exit 2
}

# Sets python to an interpreter of 3.11 or newer: $PYTHON, python3, or a newer one beside it.
find_python() {
  local candidate found=""
  for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      python=$candidate
      return
    fi
    found="${found:-$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true)}"
  done
  refuse "Readout needs Python 3.11 or newer${found:+, and python3 here is $found}: install it, or name it with PYTHON=/path/to/python3.11."
}

# prepare FILE...: makes var/venv hold what the given requirements files pin, and sets python to its interpreter.
prepare() {
  find_python
  "$python" -m config.environment >/dev/null || exit 2
  "$python" script/bootstrap.py "$@" || exit
  python=var/venv/bin/python
}
