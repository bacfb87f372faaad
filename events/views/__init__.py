"""The public pages. Every one starts from what is public: `events.reading`, `records.lookup`, and the filter sets."""
