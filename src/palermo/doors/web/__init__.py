"""The pages: settings, addresses, middleware and what every page shares."""
