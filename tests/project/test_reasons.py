"""Every reason of the project is walked: from an input to the remedy that it names, and to the paper's right end."""

import ast
import sqlite3
from functools import cache
from pathlib import Path

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError

from config.settings import Settings
from config.store import StoreFromFuture
from domain.errors import ExitCode, TemporaryFailure
from pipeline.embedded import sole_runner
from pipeline.intake import open_batch, take_in
from search.engines.elasticsearch_client import errors_explained
from services.context import open_services
from tests.support.desk import STATED, run_json
from tests.support.reason_words import Unknown, _text, errors, reasons, without_reason, without_remedy
from tests.support.walks import Walker, archived, slip

# The walks of papers: which test leads from the reason to the end.
WALKS = {
    # at the door
    **dict.fromkeys(
        (
            "unreadable",
            "empty_file",
            "content_mismatch",
            "damaged",
            "no_pages",
            "too_large",
            "too_complex",
            "too_small",
            "blank",
            "damaged_page",
            "xfa_form",
            "note_not_shown",
            "text_not_shown",
            "files_joined",
            "signed_and_locked",
            "signature_broken",
            "cannot_sign",
        ),
        "test_walks_door.py::test_another_file_takes_its_place",
    ),
    "unsupported_format": "test_walks_door.py::test_another_kind_of_file",
    "separator_unreadable": "test_walks_door.py::test_a_spoilt_sheet_is_replaced",
    **dict.fromkeys(
        ("dpi_below_", "no_dpi", "wrong_dpi", "encrypted"), "test_walks_door.py::test_a_decision_lets_it_in"
    ),
    "still_written": "test_growing.py::test_what_changed_while_it_was_read_is_read_again",
    # what is read, and what is here already
    **dict.fromkeys(("review", "type"), "test_walks_line.py::test_an_unknown_type_is_set"),
    "dossier_code": "test_other_agencies.py::test_what_a_paper_brings_with_it_puts_it_into_no_foreign_dossier",
    "result_code": "test_ties.py::test_a_result_code_of_another_dossier_is_asked",
    "owner_id": "test_persons_of_dossiers.py::test_another_number_than_the_dossiers_waits_and_both_are_shown_masked",
    "owner_name": "test_persons_of_dossiers.py::test_another_name_under_the_dossiers_number_waits",
    "result_code_taken": "test_ties.py::test_the_second_paper_of_a_result_code_waits_for_the_right_one",
    "secret": "test_walks_line.py::test_a_paper_that_may_be_secret_is_said_to_be_none",
    "secrecy_stamp": "test_secrecy.py::test_what_an_earlier_release_described_stops_before_its_codes",
    "certified_paper_copy": "test_walks_line.py::test_a_certified_copy_on_paper_is_asked_about",
    "marked_as_copy": "test_walks_line.py::test_a_paper_with_the_stamp_of_a_copy_is_asked_about",
    "presented_as_copy": "test_walks_line.py::test_a_paper_that_was_handed_in_as_a_copy_is_asked_about",
    "no_text": "test_walks_line.py::test_a_picture_without_text_is_released",
    "page_unreadable": "test_walks_line.py::test_a_page_that_is_not_read_is_released",
    "papers_on_one_page": "test_walks_line.py::test_papers_that_lie_on_one_page_are_scanned_one_by_one",
    "several_papers": "test_walks_line.py::test_papers_in_one_scan_are_scanned_one_by_one",
    "written_over": "test_walks_line.py::test_a_number_that_was_struck_is_given",
    "signature": "test_walks_line.py::test_a_signature_of_a_stranger_is_released",
    "same_document": "test_walks_line.py::test_a_paper_of_its_own_is_released",
    "longer_scan": "test_longer.py::test_a_longer_scan_takes_its_place",
    "same_bytes": "test_walks_line.py::test_the_same_file_is_linked",
    **dict.fromkeys(
        ("rescan", "bring_again", "not_digitised"), "test_rescans.py::test_a_paper_that_waits_is_sent_back"
    ),
    "rescanned": "test_rescans.py::test_a_new_scan_ends_the_paper_that_was_sent_back",
    "rescan_guess": "test_rescans.py::test_a_file_with_the_name_and_place_of_one_that_was_sent_back_is_asked_about",
    "discarded": "test_reasons.py::test_a_refused_file_is_ended",
    # what fails
    "record_unreadable": "test_other_records.py::test_a_paper_that_cannot_go_on_stops_nobody",
    "unexpected": "test_walks_line.py::test_what_was_not_expected_is_tried_again",
    "no_signer": "test_officers.py::test_a_stranger_names_an_officer",
    "officer_key": "test_officers.py::test_a_lost_key_holds_the_papers_of_its_officer",
    "signing_failed": "test_walks_line.py::test_a_failed_signature_is_made_again",
    **dict.fromkeys(
        ("worker_lost", "out_of_memory", "out_of_time"),
        "test_walks_line.py::test_a_paper_over_which_processes_die_is_tried_again",
    ),
    "disk_full": "test_walks_line.py::test_a_full_disk_is_waited_for",
    "work_file_damaged": "test_walks_line.py::test_a_lost_work_file_is_made_again",
    "scan_gone": "test_walks_line.py::test_a_lost_scan_is_put_in_again",
    "recognition_failed": "test_walks_line.py::test_pages_under_which_no_text_can_be_laid",
    "not_pdfa": "test_walks_line.py::test_what_cannot_be_pdfa_is_scanned_again",
    "no_retention": "test_walks_line.py::test_a_type_gets_its_retention_class",
    "object_differs": "test_walks_line.py::test_an_object_of_another_paper_is_left_alone",
    "vault_damaged": "test_walks_line.py::test_a_damaged_object_is_restored",
    "unknown_format": "test_package.py::test_a_rebuild_goes_past_what_it_cannot_read",
}
# Words about commands, settings and servers, and those that reach nobody: which test shows the remedy.
SHOWN = {
    "corrected_at_review": "test_presented.py::test_the_history_tells_what_was_said_at_review",
    "certified": "test_certifying.py::test_the_history_of_a_paper_tells_its_certified_copies",
    "usage": "test_decisions.py::test_a_decision_that_was_not_asked_changes_nothing",
    "not_found": "test_catalogue_import.py::test_imports_are_taken_back",
    "not_valid": "test_verify.py::test_no_pdf",
    "busy": "test_reasons.py::test_a_store_that_one_has_alone",
    "setup": "test_pipeline.py::test_settings_refuse_what_they_do_not_know",
    "broker_away": "test_reasons.py::test_a_broker_that_is_away_costs_nothing",
    "catalogue_incomplete": "test_restored.py::test_what_is_said_and_how_it_is_mended",
    "lists_missing": "test_catalogue_import.py::test_no_answer_by_the_release_alone_once_lists_are_lost",
    "store_lacks": "test_lacking_parts.py::test_a_store_that_was_marked_too_early_is_told_by_every_command_and_mended",
    "store_older": "test_upgrade.py::test_a_store_of_an_earlier_commit_is_told_and_left_as_it_is",
    "store_from_future": "test_reasons.py::test_a_store_of_a_newer_version_is_left_alone",
    "database_unusable": "test_surroundings.py::test_a_damaged_catalogue_is_made_anew",
    "search_login": "test_reasons.py::test_what_elasticsearch_refuses_is_told",
    "search_version": "test_reasons.py::test_what_elasticsearch_refuses_is_told",
    "search_refuses": "test_reasons.py::test_what_elasticsearch_refuses_is_told",
    "search_away": "test_outbox.py::test_engine_away",
    "index_outdated": "test_search.py::test_broken_index_is_refused_and_rebuilt",
    "journal_not_written": "test_handed_over.py::test_a_use_that_fails_on_its_way_is_none",
    "index_behind": "test_behind.py::test_commands_tell",
    "index_busy": "test_search.py::test_writer_waits_and_gives_up",
    "index_not_written": "test_search.py::test_full_disk",
    "tool_missing": "test_recognition.py::test_missing_models_are_told",
    "no_store": "test_no_store.py::test_services_are_opened_of_no_other_folder",
    "owner_secret": "test_archive.py::test_a_catalogue_of_another_secret_is_refused",
    "rules_unknown": "test_free_codes.py::test_rules_that_are_not_published_are_not_known",
    "rows_refused": "test_catalogue_import.py::test_every_fault_is_told_at_once",
    "same_person": "test_lots.py::test_who_had_a_paper_in_hand_does_not_check_it",
    "not_allowed": "test_reuse.py::test_a_desk_cannot_list_an_owner",
    "too_many_questions": "test_reuse.py::test_a_desk_asks_about_so_many_owners_an_hour",
    "anothers_dossier": "test_ties.py::test_a_dossier_of_somebody_else_is_confirmed_with_a_reason",
    "cannot_correct": "test_corrections.py::test_what_cannot_be_is_refused_before_anything_is_written",
    "corrected": "test_corrections.py::test_both_values_who_and_why_stay_with_the_paper_and_in_the_journal",
    "purpose_doubtful": "test_purpose.py::test_a_doubtful_dossier_is_judged_by_the_rules",
    "purpose_missing": "test_reuse.py::test_nothing_is_answered_without_a_purpose",
    "keys_unusable": "test_signing.py::test_damaged_keys",
    "certificate_expired": "test_signing.py::test_certificate_out_of_term",
    "pin_refused": "test_token.py::test_refused_pin_is_remembered",
    "token_away": "test_token.py::test_token_taken_out_in_a_batch",
    "remote_away": "test_remote.py::test_lost_answer_costs_no_paper",
    "time_stamp_away": "test_signing_failures.py::test_time_stamps_away_at_the_seal",
    "time_stamp_odd": "test_levels.py::test_bad_tokens",
    "revocation_away": "test_signing_failures.py::test_services_away_at_the_archive_level",
    "time_stamp_unusable": "test_signing_failures.py::test_what_stops_the_line",
    "clock_wrong": "test_signing_failures.py::test_what_stops_the_line",
    "certificate_revoked": "test_signing_failures.py::test_what_stops_the_line",
    "too_late": "test_renewal.py::test_too_late",
    "stamp_too_short": "test_renewal.py::test_a_stamp_that_lasts_no_longer",
    "already_signed": "test_signing.py::test_never_twice",  # no stage signs what is signed
    "already_decided": "test_two_reviewers.py::test_the_second_one_is_told",
    "lease_lost": "test_ledger.py::test_an_ended_lease_is_free",  # the other worker's result counts
}


def test_every_reason_is_walked() -> None:
    """A word that is told nowhere has no walk, and one that is told has exactly one, by a test that knows the word."""
    got = reasons()
    assert got.keys() - WALKS.keys() - SHOWN.keys() == set(), {word: got[word] for word in got}
    assert (WALKS.keys() | SHOWN.keys()) - got.keys() == set()
    assert not WALKS.keys() & SHOWN.keys()


@pytest.mark.parametrize("word", sorted({*WALKS, *SHOWN}))
def test_every_walk_is_there(word: str) -> None:
    """The test that is named for a word exists, and names the word or one of its classes."""
    file, _, name = {**WALKS, **SHOWN}[word].partition("::")
    source, tests = _tests_of(file)
    assert name in tests
    classes = {item for item, stated in errors().items() if stated == word}
    assert any(item in source for item in (word, word.upper(), *classes)), f"{file} does not name {word}"


@cache
def _tests_of(file: str) -> tuple[str, frozenset[str]]:
    """The source of a file of tests, and the names of its tests."""
    (path,) = Path(__file__).parents[1].rglob(file)
    source = path.read_text(encoding="utf-8")
    return source, frozenset(node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))


def test_nothing_is_told_without_a_word() -> None:
    """Where an error is made of a class that says nothing, the word is given."""
    assert without_reason() == []


def test_a_reason_that_cannot_be_read_is_noticed() -> None:
    """A word that is put together while the program runs would escape: it is an error of this test."""
    with pytest.raises(Unknown):
        _text(ast.parse("word + 'x'", mode="eval").body)
    with pytest.raises(Unknown):
        _text(ast.parse("f'{word}_below'", mode="eval").body)


# Words that have no other test


def test_a_refused_file_is_ended(settings: Settings, tmp_path: Path) -> None:
    """A refused file of which nothing will come is ended with a reason, which is told whenever it comes again."""
    walker = Walker(settings, tmp_path / "in")
    path = walker.path("a.pdf")
    path.write_bytes(b"%PDF-1.7 nothing more")
    stopped = walker.put_one(path)
    code, _ = run_json(settings, "review", str(stopped["id"]), "--discard")
    assert code == ExitCode.USAGE
    ended = walker.review(stopped, "--discard", "--reason", "không phải giấy tờ")
    assert ended["state"] == "discarded"
    assert ended["reason"].startswith("discarded: không phải giấy tờ (by Lê Thị Hoa; it stopped as damaged:")
    assert walker.put_one(path)["reason"] == ended["reason"]
    assert len(list(settings.inbox.glob("[!.]*"))) == 1  # as long as it can be taken back
    code, lines = run_json(settings, "status")
    assert (code, lines[0]["discarded"], lines[0]["refused"]) == (ExitCode.OK, 1, 0)


def test_a_store_that_one_has_alone(settings: Settings, tmp_path: Path) -> None:
    """While the catalogue is made anew a decision waits; afterwards it is carried out."""
    walker = Walker(settings, tmp_path / "in")
    path = walker.path("a.pdf")
    path.write_bytes(b"%PDF-1.7 nothing more")
    decision = ("review", str(walker.put_one(path)["id"]), "--discard", "--reason", "không phải giấy tờ")
    with sole_runner(settings):
        assert run_json(settings, *decision)[0] == ExitCode.BUSY
    assert run_json(settings, *decision)[0] == ExitCode.OK


def test_a_broker_that_is_away_costs_nothing(settings: Settings, tmp_path: Path) -> None:
    """What could not be handed over waits in the ledger, where workers look."""
    from workers.dispatch import hand_over  # noqa: PLC0415

    walker = Walker(settings, tmp_path / "in")
    slip().save(walker.path("a.jpg"), dpi=(200, 200))
    with open_services(settings) as ctx:
        take_in(ctx, walker.path("a.jpg"), open_batch(ctx, "walk"), STATED)
        with pytest.raises(TemporaryFailure, match="does not answer") as caught:
            hand_over(ctx, "redis://127.0.0.1:1/0")
        assert caught.value.reason == "broker_away"
        assert [entry.state for entry in ctx.ledger.entries()] == ["waiting"]
    archived(walker.put_one(walker.path("a.jpg")))


def test_a_store_of_a_newer_version_is_left_alone(settings: Settings) -> None:
    """A schema that this program does not know stops it; the version that knows it opens the store."""
    with open_services(settings) as ctx:
        assert not ctx.ledger.entries()
    change = "UPDATE ledger_version SET version_num = ?"
    with sqlite3.connect(settings.home / "ledger.sqlite") as db:
        (known,) = db.execute("SELECT version_num FROM ledger_version").fetchone()
        db.execute(change, ("ledger_of_others",))
    with pytest.raises(StoreFromFuture), open_services(settings) as ctx:
        ctx.ledger.entries()
    with sqlite3.connect(settings.home / "ledger.sqlite") as db:
        db.execute(change, (known,))
    with open_services(settings) as ctx:
        assert not ctx.ledger.entries()


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (401, "security_exception", "search_login"),
        (400, "media_type_header_exception", "search_version"),
        (400, "parsing_exception", "search_refuses"),
    ],
)
def test_what_elasticsearch_refuses_is_told(status: int, error: str, reason: str) -> None:
    """Each has its own word and names what is to be changed."""
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.1, NodeConfig("http", "127.0.0.1", 9200))
    with pytest.raises(Exception, match="Elasticsearch") as caught, errors_explained():
        raise ApiError(error, meta, {"error": {"type": error}})
    assert getattr(caught.value, "reason", "") == reason
    assert getattr(caught.value, "remedy", "")


def test_every_error_says_what_to_do() -> None:
    """Its class says it, or whoever raises it: no reason is without a remedy (design law 12)."""
    assert without_remedy() == []
