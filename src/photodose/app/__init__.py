"""The self-hosted web application: people, devices, plans, sessions, reactions, export. No physics is written here."""
