"""Journals in files, for a server that is alone."""

from adapters.outbound.capture_journal.journal_files import JournalFiles


class FileCaptureJournal(JournalFiles):
    """One file for each conversation in `data_dir/journal`, readable for its owner only."""
