"""Vietnamese text: keys do not depend on how a syllable is typed, and old character sets come back letter by letter."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.kit import charsets
from yba.kit.text import decode_legacy, fold, is_syllable, looks_lost, mend, name_key, nfc, whole

SYLLABLES = """
nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh trịnh mai tô hà vương tạ đoàn thị văn đình
hữu đức ngọc minh quốc xuân thuỳ thuý quỳnh quyên nghĩa nghị giang giềng gì khuê khuyến luyến uyên yến yên ái ân ửng ước
ương đường được bệnh viện huyện tỉnh phường xã quận điều trị khám ngoại trú đái tháo tăng huyết áp viêm phổi dạ dày thận
gãy xương đùi sốt xuất thuốc uống sáng chiều tối trước ăn ngày viên ống chai truyền tĩnh mạch nghỉ ngơi chuyển tuyến cấp
cứu kết quả bình thường âm tính dương xét nghiệm máu nước tiểu siêu bụng ngực thẳng nghiêng khuỷu loét quặn thắt mật hẹp
tụy xoắn ngoẹo khoẻ hoà hoá tuổi khuya thuở nhuận tuần suất quýt quẹt quỵ mỹ kỹ sĩ ly tây bắc nam đông đắk lắk thừa thiên
""".split()
syllables = st.sampled_from(SYLLABLES)
cased = st.builds(lambda s, how: how(s), syllables, st.sampled_from([str.lower, str.upper, str.title]))
phrases = st.lists(cased, min_size=4, max_size=14).map(" ".join)
NFD_TONES = str.maketrans("", "", charsets.TONES)


def retoned(syllable: str, at: int) -> str:
    """The same syllable with its tone typed on the vowel number ``at``."""
    decomposed = unicodedata.normalize("NFD", syllable)
    tone = [c for c in decomposed if c in charsets.TONES]
    plain = unicodedata.normalize("NFC", decomposed.translate(NFD_TONES))
    vowels = [i for i, c in enumerate(plain) if unicodedata.normalize("NFD", c)[0] in "aeiouy"]
    spot = vowels[at % len(vowels)]
    return unicodedata.normalize("NFC", plain[: spot + 1] + "".join(tone) + plain[spot + 1 :])


def to_windows_1258(text: str) -> bytes:
    out = bytearray()
    for c in unicodedata.normalize("NFC", text):
        try:
            out += c.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", c)
            tone = next(p for p in parts if p in charsets.TONES)
            out += unicodedata.normalize("NFC", parts.replace(tone, "")).encode("cp1258") + tone.encode("cp1258")
    return bytes(out)


def to_tcvn3(text: str) -> bytes:
    table = {letter: code for code, letter in charsets._TCVN3.items() if code < 0xFF}
    return bytes(table.get(c) or ord(c) for c in unicodedata.normalize("NFC", text))


def to_vni(text: str) -> bytes:
    singles = {v: k for k, v in charsets._VNI_LETTERS.items()}
    marks = {frozenset(v): k for k, v in charsets._VNI_MARKS.items()}
    out = ""
    for c in unicodedata.normalize("NFC", text):
        low = c.lower()
        code = singles.get(low, "")
        if not code and not c.isascii():
            base, *over = unicodedata.normalize("NFD", low)
            if "\u031b" in over:
                over.remove("\u031b")
                base = singles[{"o": "ơ", "u": "ư"}[base]]
            code = base + marks[frozenset(over)]
        out += (code.upper() if c.isupper() else code) if code else c
    return out.encode("latin-1")


# One accented syllable alone can be right in two tables; a file has at least these words.
ANCHOR = " nguyễn thị bệnh viện đa khoa huyện điều trị"


@given(phrases.map(lambda text: text + ANCHOR))
def test_old_character_sets_come_back_letter_by_letter(text):
    ours = nfc(text)
    assert decode_legacy(to_windows_1258(text)) == (ours, "windows-1258")
    assert decode_legacy(to_vni(text)) == (ours, "vni")
    assert decode_legacy(to_tcvn3(ours.lower())) == (ours.lower(), "tcvn3")


@given(phrases, st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"]), st.booleans())
def test_unicode_forms_are_told_apart(text, encoding, mark):
    document = f"<?xml version='1.0'?><HO_TEN>{text}</HO_TEN>"
    data = ("\ufeff" * (mark and encoding.startswith("utf-16")) + document).encode(encoding)
    assert decode_legacy(data) == (document, encoding)


def test_capital_font_of_abc_is_read_as_capitals():
    assert decode_legacy(b"<T>NGUY\xd4N V\xa8n \xa2n</T>\n<T>PH\xb9M TH\xde HOA</T>") == (
        "<T>NGUYễN Văn Ân</T>\n<T>PHẠM THỊ HOA</T>",
        "tcvn3",
    )


def test_a_declared_set_decides_between_equals():
    body = "Hà".encode("cp1258")
    assert decode_legacy(b"<?xml version='1.0' encoding='windows-1258'?>" + body)[1] == "windows-1258"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "utf-8"),
        (b"plain", "utf-8"),
        ("Nguyễn Văn Bình ở xã Đồ".encode()[:-1], "utf-8-damaged"),
        ("Zoë Müller, Façade".encode("latin-1"), "unknown"),
        (bytes(range(256)), "unknown"),
    ],
)
def test_what_cannot_be_read_says_so(data, name):
    text, found = decode_legacy(data)
    assert found == name
    if name == "unknown":
        assert text.encode("latin-1") == data


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data):
    text, name = decode_legacy(data)
    assert isinstance(text, str)
    assert name


def test_text_read_with_the_wrong_table_is_mended():
    assert mend("NguyÔn V¨n Hßa") == ("Nguyễn Văn Hòa", "tcvn3")
    assert mend("Nguyá»…n VÄƒn An") == ("Nguyễn Văn An", "utf-8-twice")
    assert mend("Nguyễn Văn An") is None
    assert mend("Zoë Müller") is None


@given(syllables, st.integers(0, 3))
def test_name_key_ignores_where_the_tone_sits_and_keeps_which(syllable, at):
    assert name_key(retoned(syllable, at)) == name_key(syllable) == name_key(syllable.upper())
    assert name_key(unicodedata.normalize("NFD", syllable)) == name_key(syllable)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Hoà", "Hòa", True),
        ("THUÝ  QUỲNH", "Thúy Quỳnh", True),
        ("Quí", "Qúy", True),
        ("Lý Mỹ", "Lí Mĩ", True),
        ("Yến", "Iến", True),
        ("Ðạt", "Đạt", True),
        ("H’ Hen Niê", "H' Hen Niê", True),
        ("Hoà", "Hoá", False),
        ("Thúy", "Thúi", False),
        ("Tân", "Tan", False),
        ("Nguyên", "Nguyễn", False),
    ],
)
def test_name_key(a, b, same):
    assert (name_key(a) == name_key(b)) is same


@given(phrases)
def test_fold_is_ascii_stable_and_blind_to_marks(text):
    folded = fold(text)
    assert folded.isascii()
    assert folded == fold(folded) == fold(unicodedata.normalize("NFD", text)) == fold(f"  {text.upper()}\u00a0\t")


@given(st.text())
def test_fold_and_keys_take_anything(text):
    assert fold(fold(text)) == fold(text)
    assert isinstance(name_key(text), str)
    assert unicodedata.is_normalized("NFC", nfc(text))


@given(phrases)
def test_lost_marks_are_noticed(text):
    lost = "".join(c if c.isascii() else "?" for c in text)
    assert not looks_lost(text)
    if sum("?" in word and word != "?" for word in lost.split()) > 1:  # a lone mark may be punctuation
        assert looks_lost(lost)


@pytest.mark.parametrize("text", ["Đau bụng?", "Sốt? ho, khó thở", "", "?", "5 ? 6"])
def test_punctuation_is_not_damage(text):
    assert not looks_lost(text)


def test_spelling_knows_real_syllables_and_refuses_others():
    assert [s for s in SYLLABLES if not is_syllable(s)] == []
    assert [s for s in ("nguyôn", "thàc", "müller", "ấấ", "bảc", "ở̀", "đđ") if is_syllable(s)] == []


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_whole_numbers_are_digits_of_a_keyboard(text, number):
    assert whole(text) == number


@pytest.mark.parametrize("text", ["", "²", "٣", "-1", "+1", "1.0", " 1", "1_0", "9" * 19])
def test_anything_else_is_no_whole_number(text):
    assert whole(text) is None
