"""Known answers: results by other people, reproduced with the project's own parts before anyone reads its findings."""
