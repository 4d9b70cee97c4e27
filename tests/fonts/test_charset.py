import hashlib
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fonts.charset
from fonts.charset import (
    REGIONS,
    CharsetError,
    all_charsets,
    composed,
    default_for,
    named,
    recommended,
    resolve,
)
from fonts.regions import script_of

SIZES = {
    "gb2312": 6763, "gb2312-1": 3755, "gb2312-2": 3008, "tongyong-8105": 8105, "gbk": 21003,
    "gbk-signs": 883,
    "uro": 20992, "big5": 13053, "tw4808": 4808, "jis1": 2965, "jis0208": 6355, "joyo": 2136,
    "ksx1001": 2350, "hangul": 11172, "jamo": 93, "hkscs-common": 1082,
}
LISTS = Path(fonts.charset.__file__).parent / "charsets"


@pytest.mark.parametrize("name, size", SIZES.items())
def test_size(name: str, size: int) -> None:
    assert len(named(name).codepoints) == size


def test_jis_level_2_is_the_rest() -> None:
    rest = set(named("jis0208").codepoints) - set(named("jis1").codepoints)
    assert len(rest) == 3390


@pytest.mark.parametrize("charset", all_charsets(), ids=lambda charset: charset.name)
def test_every_set_is_free_of_duplicates_and_of_unassigned(charset: fonts.charset.Charset) -> None:
    points = charset.codepoints
    assert points and len(set(points)) == len(points)
    assert charset.description
    assert not [p for p in points if unicodedata.category(chr(p)) in ("Cc", "Cf", "Cs", "Cn")]


OTHERS = {      # a set, and the same rows in another maker's table
    "gb2312": ("cp936", range(0xB0, 0xF8)), "jis0208": ("euc_jis_2004", range(0xB0, 0xF5)),
    "ksx1001": ("cp949", range(0xB0, 0xC9)),
}


@pytest.mark.parametrize("name, codec, rows", [(n, c, r) for n, (c, r) in OTHERS.items()])
def test_rows_agree_with_another_table(name: str, codec: str, rows: range) -> None:
    cells = (bytes((row, cell)).decode(codec, "ignore") for row in rows
             for cell in range(0xA1, 0xFF))
    other = {ord(cell) for cell in cells if len(cell) == 1}
    assert set(named(name).codepoints) <= other
    if name != "jis0208":           # whose empty cells JIS X 0213 fills
        assert other == set(named(name).codepoints)


def test_the_last_hanzi_of_gbk_are_where_the_standard_has_them() -> None:
    """FE50 to FEA0, of which a codec of 1995 knows nothing; as GB 18030-2022 places them."""
    last = "".join(map(chr, named("gbk").codepoints[-80:]))
    assert last == ("⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷"
                    "𢦏䎱䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻")


def is_box(point: int) -> bool:
    return 0x2500 <= point < 0x2580


@pytest.mark.parametrize("region, codec, rows", [
    ("cn", "gb2312", range(0xA1, 0xAA)), ("jp", "euc_jp", range(0xA1, 0xA9)),
])
def test_a_default_holds_the_signs_of_its_standard_but_boxes(region: str, codec: str,
                                                             rows: range) -> None:
    cells = (bytes((row, cell)).decode(codec, "ignore") for row in rows
             for cell in range(0xA1, 0xFF))
    wanted = {ord(unicodedata.normalize("NFC", cell)) for cell in cells
              if cell and not is_box(ord(cell))}
    assert len(wanted) > 480
    assert wanted <= set(resolve(default_for(region)).codepoints)


@pytest.mark.parametrize("region", REGIONS)
def test_a_default_holds_what_people_type_beside_hanzi(region: str) -> None:
    typed = "€™°±×÷→←↑↓○●★①②③⑩⑳ⅠⅡⅣⅫ℃㎡√≠≤≥∞♥♪αβπ"
    typed += {"cn": "ǎǐǒǔǖǘǚǜāēīōūńňǹḿㄅㄆㄇ", "tw": "ㄅㄆㄇˇˊˋ˙兙瓩", "hk": "嘅喺唔咗哋嚟",
              "jp": "〆々仝♭Ж", "kr": "ㅋㅎㅠㅜㄱㅏ"}[region]
    assert set(map(ord, typed)) <= set(resolve(default_for(region)).codepoints)


def test_hanzi_sets_hold_nothing_else() -> None:
    for name in ("gb2312", "tongyong-8105", "gbk", "hkscs-common", "big5", "tw4808",
                 "jis0208", "joyo"):
        others = [p for p in named(name).codepoints
                  if not unicodedata.name(chr(p)).startswith("CJK ")]
        assert not others, name


def test_vendored_lists_are_what_their_sums_say() -> None:
    sums = (LISTS / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {line.split()[1]: line.split()[0] for line in sums}
    assert set(listed) == {path.name for path in LISTS.glob("*.txt")}
    for name, digest in listed.items():
        assert hashlib.sha256((LISTS / name).read_bytes()).hexdigest() == digest, name


def test_facts_about_the_vendored_lists() -> None:
    """Figures published about the tables, which a wrong list would miss."""
    table, gb = set(named("tongyong-8105").codepoints), set(named("gb2312").codepoints)
    assert len(table & gb) == 6638
    assert len(table & set(named("gbk").codepoints)) == 7829 + 24
    assert sum(point > 0xFFFF for point in table) == 196
    joyo = named("joyo").codepoints
    assert {chr(p) for p in joyo} - {chr(p) for p in named("jis0208").codepoints} == set("𠮟塡剝頰")
    common = set(named("tw4808").codepoints)
    assert {chr(p) for p in common - set(named("big5").codepoints)} <= {"彞"}
    assert set(map(ord, "永東國彞啟值緒")) <= common
    assert not set(map(ord, "佈莧彝国")) & common


def test_union_keeps_order_and_drops_duplicates() -> None:
    union = resolve("gb2312-1, gb2312 ,latin")
    assert union.name == "gb2312-1,gb2312,latin"
    assert union.codepoints[:3755] == named("gb2312-1").codepoints
    assert len(union.codepoints) == 6763 + len(named("latin").codepoints)


@pytest.mark.parametrize("region", REGIONS)
def test_defaults_and_recommendation_of_a_region(region: str) -> None:
    assert len(resolve(default_for(region)).codepoints) > 6000
    text = recommended(region)
    assert 28 <= len(text) <= 36 and len(set(text)) == len(text)
    assert set(map(ord, text)) <= set(resolve(default_for(region)).codepoints)


def test_the_mixed_recommendation_has_enough_of_each_script() -> None:
    scripts = Counter(script_of(ord(char)) for char in recommended("mixed"))
    assert scripts.total() == 30 and set(scripts) == {"han", "kana", "hangul", "latin"}
    assert min(scripts.values()) >= 5 and scripts["han"] >= 12
    everywhere = [named(name).codepoints for name in ("gb2312", "big5", "jis0208")]
    assert all(ord(char) in points for points in everywhere for char in recommended("mixed")
               if script_of(ord(char)) == "han")


def test_korean_recommendation_holds_every_part() -> None:
    syllables = [ord(char) - 0xAC00 for char in recommended("kr")]
    assert len({s // 588 for s in syllables}) == 19
    assert len({s // 28 % 21 for s in syllables}) == 21
    assert len({s % 28 for s in syllables}) == 28


def test_file_and_literal(tmp_path: Path) -> None:
    path = tmp_path / "字.txt"
    path.write_bytes("\ufeff永 字\n永\u200bが\ufe0f豈".encode())
    assert "".join(map(chr, resolve(f"@{path}").codepoints)) == "永字が豈"
    assert "".join(map(chr, resolve("永,字。 永").codepoints)) == "永,字。"
    both = resolve(f"sample,@{path}")
    assert ord("が") in both.codepoints and ord("萨") in both.codepoints


@pytest.mark.parametrize("spec, hint", [
    ("gb2313", "'gb2312'"),
    ("Latin1,kana", "'latin'"),
    ("@no-such-file.txt", "cannot be read"),
    ("", "holds no character"),
    (" \n", "holds no character"),
    ("kana,@.", "cannot be read"),
])
def test_bad_specs_get_one_line(spec: str, hint: str) -> None:
    with pytest.raises(CharsetError, match=hint) as caught:
        resolve(spec)
    assert "\n" not in str(caught.value).replace(repr(spec), "")


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "big5.txt"
    path.write_bytes("永遠".encode("big5"))
    with pytest.raises(CharsetError, match="save it as UTF-8"):
        resolve(f"@{path}")


@given(st.text(max_size=30))
def test_any_text_resolves_or_is_refused(text: str) -> None:
    try:
        points = resolve(text).codepoints
    except CharsetError:
        return
    assert points and len(set(points)) == len(points)


@pytest.mark.parametrize("typed, meant", [
    ("\uFA1B\uFA26\U0002F800", "\uFA1B\uFA26\U0002F800"), ("か\u3099\uFA1B", "が\uFA1B"),
    ("\u1112\u1161\u11ab", "한"), ("e\u0301 \u212B", "é \u00C5"),
])
def test_text_is_composed_and_compatibility_ideographs_stay(typed: str, meant: str) -> None:
    assert composed(typed) == meant
