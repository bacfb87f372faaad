"""Who can meet or speak: persons, states, organisations and bodies, with their names, offices and memberships."""
