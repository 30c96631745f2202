"""Everything a person may take with them: JSON that imports back, CSV, PDF, FHIR, calendar; and the backup."""
