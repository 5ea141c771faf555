"""Each component of a procedure is answered about the person whose paper it is, and about nobody else."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.imports.plan import RowsRefused
from config.owners import APPLICANT, load_parties, with_roles
from config.settings import Settings
from domain.clock import today
from domain.errors import ExitCode, NotFound, UsageError
from services.context import Services, open_services
from services.dossiers.demanded import show_dossier
from services.dossiers.take_in import take_in_dossiers
from services.permissions import Asker, TooManyQuestions
from services.registers.interface import ComponentAnswer
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.reuse.owner_view import view_of_owner
from services.reuse.persons import persons_given
from services.reuse.purpose import PurposeDoubtful, doubtful_lookups
from tests.support.desk import WHY, run_json, screen
from tests.support.held_papers import hold

APPLIES, MOTHER, FATHER, CHILD, DEAD, OTHER = (
    "048091007756", "048194003421", "048090001234", "048219001275", "048045000123", "048195000456",
)  # fmt: skip
ALONE, ORGANISATION = "048162000789", "0100109106"
BIRTH, MARRIAGE, DEATH, SINGLE = "KQ.G15.000031", "KQ.G15.000032", "KQ.G15.000034", "KQ.G15.000038"
BIRTHS, MARRIAGES, SUPPORT, FUNERALS = "1.001193", "1.000894", "1.001776", "1.001731"
RESIDENCE = "1.004222"
DOSSIER = "H17.12-261124-0001"
CLERK = Asker(who="an", office="H17.12", role="desk")
ARCHIVIST = Asker(who="bình", office="H17", role="archivist")


@pytest.fixture
def desk(settings: Settings) -> Iterator[Services]:
    """An open store of H17.12."""
    with open_services(settings) as ctx:
        yield ctx


def papers(ctx: Services, folder: Path) -> None:
    """A couple's certificate of marriage, their child's of birth, somebody's extract of death, two of being single."""
    couple = f"husband: Phan Văn Dũng, {FATHER}"
    hold(ctx, folder, "kh", type_code=MARRIAGE, owner_id=MOTHER, owner_role="wife", further_owners=couple, dossier=None)
    named = f"mother: Nguyễn Thị Hà, {MOTHER}"
    hold(ctx, folder, "ks", owner_id=CHILD, owner_role="child", further_owners=named, dossier=None)
    hold(ctx, folder, "kt", type_code=DEATH, owner_id=DEAD, owner_role="deceased", dossier=None)
    hold(ctx, folder, "kh-old", type_code=MARRIAGE, owner_id=ALONE, owner_role="wife", dossier=None)
    hold(ctx, folder, "mine", type_code=SINGLE, owner_id=APPLIES, dossier=None)
    hold(ctx, folder, "theirs", type_code=SINGLE, owner_id=OTHER, dossier=None)


def imported(ctx: Services, folder: Path, procedure: str, owner: str = APPLIES, **fields: Any) -> None:
    """Enter the dossier."""
    known = {"MaHoSo": DOSSIER, "MaTTHC": procedure, "SoGiayToChuHoSo": owner, "NgayTiepNhan": f"{today():%Y%m%d}"}
    file = folder / "dossier.json"
    file.write_text(json.dumps([{**known, **fields}]), encoding="utf-8")
    take_in_dossiers(ctx, CLERK, file)


def ask(ctx: Services, procedure: str, *owners: str, **more: Any) -> list[ComponentAnswer]:
    """The answers about some persons, as a clerk types them."""
    asked = {"dossier": DOSSIER, "procedure": procedure, "reason": WHY, **more}
    return list(lookup(ctx, CLERK, persons=persons_given(owners), **asked))


def events(ctx: Services, name: str) -> list[dict[str, Any]]:
    """The events of a name in the journal."""
    return [dict(item) for item in ctx.journal.events() if item["event"] == name]


def of_type(ctx: Services, answers: list[ComponentAnswer], type_code: str) -> list[ComponentAnswer]:
    """The answers to the components that a type serves."""
    codes = {
        item.code for procedure in ctx.catalogues.procedures for item in procedure.components if type_code in item.types
    }
    return [answer for answer in answers if answer.component in codes]


# (what is asked for, the type of paper, who is given) -> each answer: role, answer, paper, and how it reads
SITUATIONS: list[tuple[str, str, str, tuple[str, ...], list[tuple[str, str, str | None, str]]]] = [
    (
        "the parents' marriage, by the mother's number",
        BIRTHS, MARRIAGE, (APPLIES, f"mẹ={MOTHER}"), [("mother", "held-and-valid", "kh", "")],
    ),
    (
        "the same by the father's",
        BIRTHS, MARRIAGE, (APPLIES, f"father={FATHER}"), [("father", "held-and-valid", "kh", "")],
    ),
    (
        "the same where the mother applies",
        BIRTHS, MARRIAGE, (MOTHER, "mother=applicant"), [("mother", "held-and-valid", "kh", "")],
    ),
    (
        "the same where nobody says who the parents are",
        BIRTHS, MARRIAGE, (MOTHER,),
        [("mother", "owner-unknown", None, "Cần tra cứu bằng số định danh của: Mẹ hoặc Cha (--owner VAI_TRÒ=SỐ)")],
    ),
    (
        "the marriage of a father of whom nothing is held, and a mother who is not known",
        BIRTHS, MARRIAGE, (APPLIES, f"cha={APPLIES}"),
        [(
            "mother", "owner-unknown", None,
            "; cần tra cứu thêm bằng số định danh của: Mẹ (--owner VAI_TRÒ=SỐ)",
        )],
    ),
    (
        "the marriage of parents of whom nothing is held",
        BIRTHS, MARRIAGE, (APPLIES, f"cha={APPLIES}", f"mẹ={OTHER}"), [("mother", "not-held", None, "")],
    ),
    (
        "the marriage of both parents, by both numbers",
        BIRTHS, MARRIAGE, (APPLIES, f"mẹ={MOTHER}", f"cha={FATHER}"), [("mother", "held-and-valid", "kh", "")],
    ),
    (
        "the mother's marriage with another than the child's father",
        BIRTHS, MARRIAGE, (APPLIES, f"mẹ={MOTHER}", f"cha={OTHER}"), [("mother", "not-held", None, "")],
    ),
    (
        "one by the mother's number alone",
        BIRTHS, MARRIAGE, (APPLIES, f"mẹ={MOTHER}"),
        [(
            "mother", "held-and-valid", "kh",
            "chỉ theo số của một người; để chắc là giấy của cả hai, tra cứu thêm bằng số định danh của: Cha",
        )],
    ),
    (
        "one that bears one number alone, by both",
        BIRTHS, MARRIAGE, (APPLIES, f"mẹ={ALONE}", f"cha={FATHER}"),
        [("mother", "held-and-valid", "kh-old", "giấy chỉ có một số định danh: đối chiếu họ tên")],
    ),
    (
        "a certificate of birth that names the head of the household",
        RESIDENCE, BIRTH, (CHILD, f"chủ hộ={MOTHER}"), [("applicant", "held-and-valid", "ks", "")],
    ),
    (
        "one that names others than the head of the household",
        RESIDENCE, BIRTH, (CHILD, f"chủ hộ={OTHER}"), [("applicant", "not-held", None, "")],
    ),
    (
        "a child's certificate of birth, by its number",
        SUPPORT, BIRTH, (MOTHER, f"con={CHILD}"), [("child", "held-and-valid", "ks", "")],
    ),
    (
        "the same by its mother's, who is only named on it",
        SUPPORT, BIRTH, (MOTHER,),
        [("child", "owner-unknown", None, "Cần tra cứu bằng số định danh của: Con (--owner VAI_TRÒ=SỐ)")],
    ),
    (
        "an extract of death by the number of the deceased",
        FUNERALS, DEATH, (APPLIES, f"người chết={DEAD}"), [("deceased", "held-and-valid", "kt", "")],
    ),
    (
        "the same by the applicant's number alone",
        FUNERALS, DEATH, (APPLIES,),
        [("deceased", "owner-unknown", None, "Cần tra cứu bằng số định danh của: Người chết (--owner VAI_TRÒ=SỐ)")],
    ),
    (
        "being single, of which each party brings proof",
        MARRIAGES, SINGLE, (APPLIES, f"bên kia={OTHER}"),
        [("applicant", "held-and-valid", "mine", ""), ("partner", "held-and-valid", "theirs", "")],
    ),
    (
        "the same where the other party is not known",
        MARRIAGES, SINGLE, (APPLIES,),
        [
            ("applicant", "held-and-valid", "mine", ""),
            ("partner", "owner-unknown", None, "Cần tra cứu bằng số định danh của: Bên kết hôn kia"),
        ],
    ),
    (
        "the same where nothing is held of the other party",
        MARRIAGES, SINGLE, (APPLIES, f"partner={MOTHER}"),
        [("applicant", "held-and-valid", "mine", ""), ("partner", "not-held", None, "")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("procedure", "type_code", "owners", "expected"), [item[1:] for item in SITUATIONS], ids=[s[0] for s in SITUATIONS]
)
def test_a_component_is_answered_about_whose_paper_it_is(
    desk: Services,
    tmp_path: Path,
    procedure: str,
    type_code: str,
    owners: tuple[str, ...],
    expected: list[tuple[str, str, str | None, str]],
) -> None:
    """Held, not held, or by whose number to ask: never "not held" of whom nobody knows."""
    papers(desk, tmp_path)
    got = of_type(desk, ask(desk, procedure, *owners), type_code)
    assert [(item.role, item.answer, item.paper.id if item.paper else None) for item in got] == [
        item[:3] for item in expected
    ]
    for item, (*_, words) in zip(got, expected, strict=True):
        assert words in (with_roles(item.why, "vi") if item.why else "")


def test_who_is_asked_about_is_recorded_and_nobody_else(desk: Services, tmp_path: Path) -> None:
    """Journal, owner's view, limit and use follow the person; of whom nobody knows there is an entry without a key."""
    papers(desk, tmp_path)
    answers = ask(desk, BIRTHS, APPLIES, f"mother={MOTHER}", f"father={FATHER}")
    number = next(place for place, item in enumerate(answers, start=1) if item.paper)
    told = [(item["subject"], item["concerns"], item["paper"]) for item in events(desk, "asked") if item["paper"]]
    assert told == [("048*******21", "mother", "kh")]
    use(desk, CLERK, str(number), dossier=DOSSIER, target=tmp_path / "out.pdf")
    views = {who: view_of_owner(desk, ARCHIVIST, who, reason="đơn") for who in (MOTHER, FATHER, CHILD)}
    counts = {who: (len(view.questions), len(view.uses)) for who, view in views.items()}
    assert counts == {MOTHER: (1, 1), FATHER: (0, 0), CHILD: (0, 0)}
    ask(desk, FUNERALS, APPLIES)
    unknown = [item for item in events(desk, "asked") if item["answer"] == "owner-unknown"]
    assert {(item["subject"], item["concerns"]) for item in unknown} == {("", "deceased")}
    assert not {MOTHER, FATHER, APPLIES} & set(desk.settings.journal.read_text("utf-8").replace('"', " ").split())


def test_each_of_several_who_were_asked_about_finds_the_question(desk: Services, tmp_path: Path) -> None:
    """Where the first has nothing, the second is asked about, too; the number of the answer leads to his paper."""
    papers(desk, tmp_path)
    hold(desk, tmp_path, "old", type_code=MARRIAGE, owner_id=OTHER, valid_until=today() - timedelta(days=1))
    answers = ask(desk, BIRTHS, APPLIES, f"mother={APPLIES}", f"father={OTHER}")
    number, found = next((place, item) for place, item in enumerate(answers, start=1) if item.paper)
    assert (found.role, found.answer) == ("father", "held-but-expired")
    asked = desk.desk.numbered("an", "H17.12", DOSSIER, number)
    assert asked is not None
    assert (asked.paper_id, asked.concerns, asked.owner_key) == ("old", "father", desk.owner_keys.of(OTHER))
    for who in (APPLIES, OTHER):
        assert found.component in {item.asked_for for item in view_of_owner(desk, ARCHIVIST, who, reason="x").questions}


def test_an_answer_about_nobody_names_no_paper(desk: Services, tmp_path: Path) -> None:
    """`use` says so of its number."""
    answers = ask(desk, FUNERALS, APPLIES)
    number = next(place for place, item in enumerate(answers, start=1) if item.answer == "owner-unknown")
    with pytest.raises(NotFound):
        use(desk, CLERK, str(number), dossier=DOSSIER, target=tmp_path / "out.pdf")


def test_the_dossier_names_its_persons(desk: Services, tmp_path: Path) -> None:
    """No number is typed for a dossier that is known here, and no reason given for whom it names."""
    papers(desk, tmp_path)
    parents = [{"VaiTro": "Mẹ", "SoDinhDanh": MOTHER}, {"VaiTro": "father", "SoDinhDanh": FATHER}]
    imported(desk, tmp_path, BIRTHS, NguoiLienQuan=parents)
    answers = lookup(desk, CLERK, dossier=DOSSIER)
    (found,) = of_type(desk, list(answers), MARRIAGE)
    assert (found.answer, found.role) == ("held-and-valid", "mother")
    assert [item["doubts"] for item in events(desk, "asked") if item["paper"]] == [""]
    use(desk, CLERK, "kh", dossier=DOSSIER, target=tmp_path / "out.pdf")


def test_an_import_answers_about_the_persons_whom_it_names(desk: Services, tmp_path: Path) -> None:
    """And anew when it names more of them; what nobody can be asked about is told so."""
    papers(desk, tmp_path)
    imported(desk, tmp_path, FUNERALS)
    first = show_dossier(desk, CLERK, DOSSIER).answers
    assert "owner-unknown" in {item.answer for item in first}
    assert "Deceased" in next(item.why for item in first if item.answer == "owner-unknown")
    for _ in range(2):
        imported(desk, tmp_path, FUNERALS, NguoiLienQuan=[{"VaiTro": "người chết", "SoDinhDanh": DEAD}])
    found = [item for item in show_dossier(desk, CLERK, DOSSIER).answers if item.paper == "kt"]
    assert [(item.round, item.answer) for item in found] == [(2, "held-and-valid")]


def test_a_dossier_with_a_person_in_no_role_is_refused(desk: Services, tmp_path: Path) -> None:
    """And so is one with a number that is none, and one person in roles of which nobody has two: each by his place."""
    right = {"VaiTro": "con", "SoDinhDanh": CHILD}
    for person, words in (
        ({"VaiTro": "bạn", "SoDinhDanh": MOTHER}, "person 2: 'bạn'"),
        ({"VaiTro": "mẹ", "SoDinhDanh": "12"}, "person 2 (mẹ)"),
        ({"VaiTro": "mẹ", "SoDinhDanh": CHILD}, "person 2: the same number stands for Child and Mother"),
    ):
        with pytest.raises(RowsRefused) as caught:
            imported(desk, tmp_path, BIRTHS, NguoiLienQuan=[right, person])
        assert words in str(caught.value.faults[0].what)
        assert CHILD not in str(caught.value.faults[0].what)


@pytest.mark.parametrize(
    "given",
    [("bên kia=applicant",), (APPLIES, f"bên kia={APPLIES}"), (APPLIES, "partner=applicant"),
     (f"chồng={FATHER}", f"vợ={FATHER}"), (f"con={CHILD}", f"mẹ={CHILD}")],
)  # fmt: skip
def test_nobody_is_asked_about_in_roles_that_exclude_each_other(
    desk: Services, tmp_path: Path, given: tuple[str, ...]
) -> None:
    """The numbers of two persons were mixed up."""
    imported(desk, tmp_path, MARRIAGES)
    with pytest.raises(UsageError) as caught:
        ask(desk, MARRIAGES, *given)
    assert "nobody is both" in caught.value.explain()


def test_the_dead_and_a_branch_are_given_as_people_write_them() -> None:
    """By the short word for the role, and a number with what it is called."""
    assert persons_given([f"chết={DEAD}"]) == {"deceased": DEAD}
    branch = f"{ORGANISATION}-001"
    for text in (f"mã số {ORGANISATION} - 001", f"Mã số doanh nghiệp: {branch}", f"MST {branch}", branch):
        assert persons_given([text]) == {"applicant": branch}


def test_whom_the_dossier_names_is_not_asked_about_as_its_applicant(desk: Services, tmp_path: Path) -> None:
    """What is told is the role in which she is named, and how to ask so."""
    imported(desk, tmp_path, BIRTHS, NguoiLienQuan=[{"VaiTro": "mẹ", "SoDinhDanh": MOTHER}])
    with pytest.raises(PurposeDoubtful) as caught:
        lookup(desk, CLERK, owner_id=MOTHER, dossier=DOSSIER, type_code=BIRTH)
    assert '--owner "Mother=NUMBER"' in caught.value.explain()
    lookup(desk, CLERK, persons=persons_given([f"Mother={MOTHER}"]), dossier=DOSSIER, type_code=BIRTH)


def test_a_stranger_in_a_role_needs_a_reason(desk: Services, tmp_path: Path) -> None:
    """Whom the dossier does not name is asked about only with a reason, which is recorded and counted."""
    papers(desk, tmp_path)
    imported(desk, tmp_path, BIRTHS, NguoiLienQuan=[{"VaiTro": "guardian", "SoDinhDanh": FATHER}])
    ask(desk, BIRTHS, f"father={FATHER}", reason="")  # named, if in another role
    with pytest.raises(PurposeDoubtful) as refused:
        ask(desk, BIRTHS, f"mother={MOTHER}", reason="")
    assert "does not name" in refused.value.explain()
    ask(desk, BIRTHS, f"mother={MOTHER}", reason="giấy khai sinh của con")
    assert [item.doubts for item in doubtful_lookups(desk, ARCHIVIST)] == [("unnamed_person",)]
    use(desk, CLERK, "kh", dossier=DOSSIER, target=tmp_path / "out.pdf")


def test_both_numbers_of_a_dossiers_owner_are_looked_under(desk: Services, tmp_path: Path) -> None:
    """The one-stop system tells the old one, too; what is under it is used under it."""
    old = "201234567"
    hold(desk, tmp_path, "old", type_code=SINGLE, owner_id=old, dossier=None)
    imported(desk, tmp_path, MARRIAGES, DinhDanhCHS=[{"LoaiDinhDanh": "2", "SoDinhDanh": old}])
    for owners in ((), (APPLIES,), (old,)):
        found = of_type(desk, list(lookup(desk, CLERK, dossier=DOSSIER, persons=persons_given(owners))), SINGLE)[0]
        assert (found.answer, found.paper and found.paper.id) == ("held-and-valid", "old")
    assert use(desk, CLERK, "old", dossier=DOSSIER, target=tmp_path / "out.pdf").first_use
    assert [len(view_of_owner(desk, ARCHIVIST, who, reason="x").uses) for who in (old, APPLIES)] == [1, 0]


def test_persons_count_in_the_limit_of_an_hour(desk: Services) -> None:
    """Each person of a dossier is one, and where they are too many nobody is asked about."""
    rules = desk.settings.desk.model_copy(update={"owners_per_hour": 2})
    desk.settings = desk.settings.model_copy(update={"desk": rules})
    with pytest.raises(TooManyQuestions):
        ask(desk, BIRTHS, APPLIES, f"mother={MOTHER}", f"father={FATHER}")
    assert desk.desk.count_questions() == 0
    ask(desk, BIRTHS, APPLIES, f"mother={MOTHER}")
    ask(desk, FUNERALS, APPLIES)


def test_an_applicant_with_a_tax_number_is_the_organisation(desk: Services, tmp_path: Path) -> None:
    """Its registration is looked for under its number."""
    hold(desk, tmp_path, "dk", type_code="KQ.H17.990014", owner_id=ORGANISATION)
    found = of_type(desk, ask(desk, "2.001827", ORGANISATION), "KQ.H17.990014")
    assert [(item.role, item.answer) for item in found] == [("organisation", "held-and-valid")]


def test_one_paper_is_asked_for_of_each_who_is_given(desk: Services, tmp_path: Path) -> None:
    """With `--type` nobody needs to be in the procedure."""
    papers(desk, tmp_path)
    asked: dict[str, Any] = {"dossier": DOSSIER, "type_code": MARRIAGE, "reason": WHY}
    found = lookup(desk, CLERK, persons=persons_given([f"vợ={MOTHER}", f"con={CHILD}"]), **asked)
    assert [(item.role, item.answer) for item in found] == [("wife", "held-and-valid"), ("child", "not-held")]


@pytest.mark.parametrize(
    ("owners", "words"),
    [
        ((f"bạn={MOTHER}",), "no role"),
        (("mẹ=12",), "identifier"),
        ((f"mẹ={MOTHER}", f"mother={MOTHER}"), "Mother"),
        (("mẹ=applicant",), "applicant"),
        ((APPLIES, f"designer={MOTHER}"), "Designer"),
        ((), "about whom"),
    ],
)
def test_who_cannot_be_asked_about_is_said(desk: Services, owners: tuple[str, ...], words: str) -> None:
    """A role that is none, one twice, one that the procedure does not know, and nobody at all."""
    with pytest.raises(UsageError) as refused:
        ask(desk, BIRTHS, *owners)
    assert words in refused.value.explain()
    assert desk.desk.count_questions() == 0


def test_every_role_of_the_catalogue_is_known(desk: Services) -> None:
    """By its code and its Vietnamese name; components name no others."""
    for code, role in load_parties().items():
        assert persons_given([f"{role.name}={MOTHER}"]) == persons_given([f"{code}={MOTHER}"]) == {code: MOTHER}
    named = {role for item in desk.catalogues.procedures for part in item.components for role in part.whose}
    assert APPLICANT in named
    assert named <= load_parties().keys()


def test_the_command_tells_whose_and_by_whose_number(settings: Settings, tmp_path: Path) -> None:
    """`--owner` several times; `--json` has roles, a screen and a slip have names."""
    with open_services(settings) as ctx:
        papers(ctx, tmp_path)
    asked = ("lookup", "--dossier", DOSSIER, "--procedure", BIRTHS, "--reason", WHY, "--who", "an")
    code, lines = run_json(settings, *asked, "--owner", APPLIES, "--owner", f"mẹ={MOTHER}")
    assert code == ExitCode.OK
    assert [(line["role"], line["answer"]) for line in lines if line["id"]] == [("mother", "held-and-valid")]
    code, lines = run_json(settings, *asked, "--owner", APPLIES)
    (open_,) = (line for line in lines if line["answer"] == "owner-unknown")
    assert (code, open_["ask_with"]) == (ExitCode.OK, ["mother", "father"])
    assert "Mother" in screen(settings, *asked, "--owner", APPLIES)


def test_a_desk_is_told_no_number_of_another_in_any_answer(desk: Services, tmp_path: Path) -> None:
    """A code begins with its owner's number: who asks by the husband's is not told the wife's, nor who takes it."""
    couple = {"owner_id": MOTHER, "owner_role": "wife", "further_owners": f"husband: Phan Văn Dũng, {FATHER}"}
    borne = f"{MOTHER}.{MARRIAGE}.215/2019.01"
    hold(desk, tmp_path, "kh", type_code=MARRIAGE, digitisation_code=borne, dossier=None, **couple)
    home, given = desk.settings, ["--dossier", DOSSIER, "--reason", WHY, "--owner", FATHER, "--type", MARRIAGE]
    code, lines = run_json(home, "lookup", *given, "--who", "an")
    assert (code, [line["id"] for line in lines]) == (0, ["kh"])
    assert lines[0]["code"] == f"{MOTHER[:3]}*******{MOTHER[-2:]}.{MARRIAGE}.215/2019.01"
    code, taken = run_json(home, "use", "kh", "--dossier", DOSSIER, "--out", str(tmp_path / "kh.out"), "--who", "an")
    assert (code, MOTHER in json.dumps([*lines, *taken])) == (0, False)
    code, lines = run_json(home, "lookup", *given)  # the user of the machine, who may disclose
    assert lines[0]["code"] == borne


def test_nor_in_what_took_the_place_of_a_paper(desk: Services, tmp_path: Path) -> None:
    """The code of the later paper begins with the same number."""
    couple = {"owner_id": MOTHER, "owner_role": "wife", "further_owners": f"husband: Phan Văn Dũng, {FATHER}"}
    later = f"{MOTHER}.{MARRIAGE}.216/2019.01"
    hold(desk, tmp_path, "old", type_code=MARRIAGE, standing="replaced", replaced_by=later, dossier=None, **couple)
    given = ["--dossier", DOSSIER, "--reason", WHY, "--owner", FATHER, "--type", MARRIAGE]
    for who, is_told in ((["--who", "an"], False), ([], True)):
        code, lines = run_json(desk.settings, "lookup", *given, *who)
        assert (code, lines[0]["answer"], lines[0]["replaced_by"] == later) == (0, "held-but-replaced", is_told)
        assert (MOTHER in json.dumps(lines)) is is_told
