"""``script/bench NAME [arguments]``: run one of the measurements."""

import sys
from importlib import import_module

NAMES = ("api", "choices", "export", "form", "mirror", "pages", "writes")


def main() -> None:
    """Hand over to the measurement that is named."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print(f"Usage: script/bench NAME [arguments], with one of: {', '.join(NAMES)}", file=sys.stderr)
        sys.exit(2)
    import_module(f"config.bench.{sys.argv[1]}").main(sys.argv[2:])


if __name__ == "__main__":
    main()
