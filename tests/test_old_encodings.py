"""Vietnamese in TCVN3 and VNI: what is recognised and what is not, and the encodings of files."""

import re
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiendo.old_encodings import (
    ENCODINGS,
    TCVN3,
    VNI,
    Recognised,
    UndecodableError,
    decoded,
    is_syllable,
    recognised,
    recognised_texts,
)

ROOT = Path(__file__).parent.parent
VOWELS = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
LETTERS = {unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES} | {"đ"}
LETTERS = {letter for letter in LETTERS if not letter.isascii()}
LETTERS |= {letter.upper() for letter in LETTERS}
BASES = {letter for letter in LETTERS if letter.lower() in "ăâêôơưđ"}

SENTENCES = """
Không phát sinh trong kỳ báo cáo do chưa được bố trí vốn.
Diện tích trồng rừng mới tập trung đạt 1.250 ha, bằng 62,5% kế hoạch năm.
Mưa lũ kéo dài làm sạt lở tuyến đường liên xã, ảnh hưởng tiến độ giải ngân.
Tỷ lệ hộ dân nông thôn được sử dụng nước hợp vệ sinh tăng so với cùng kỳ.
Giá trị sản xuất công nghiệp, tiểu thủ công nghiệp ước đạt 37.500 tỷ đồng.
Ủy ban nhân dân huyện đã chỉ đạo quyết liệt, khắc phục khó khăn, vướng mắc.
Số người lao động được giải quyết việc làm: 1.204 người, trong đó nữ 530 người.
Cải tạo, nâng cấp hệ thống thủy lợi; quỹ đất sạch còn hạn chế; thời tiết khô hạn.
Khuyến khích doanh nghiệp nghiên cứu ứng dụng khoa học kỹ thuật vào chăn nuôi.
Nguyễn Thị Hoa, Phòng Kế hoạch và Đầu tư, Sở Nông nghiệp và Môi trường tỉnh Lào Cai.
Xoài, chuối, bưởi, khoai sắn, gỗ quý, ong mật, trâu bò giữ vững; giết mổ giảm hẳn.
Ngoằn ngoèo, khúc khuỷu, loẹt quẹt, thuở xưa, hươu, rượu, yêu, yếm, quyển, huỳnh quang.
""".strip().splitlines()
WORDS = sorted({word for text in SENTENCES for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()})


def old(text: str, encoding: str) -> str:
    """Text as it looks when it was typed in an old encoding."""
    table = {"TCVN3": TCVN3, "VNI": VNI}[encoding]
    codes: dict[str, str] = {}
    for code, letter in table.items():
        codes.setdefault(letter, code)  # VNI: the mark that has the case of its letter stands first
    if encoding == "TCVN3":
        codes |= {letter: codes[letter.lower()] for letter in LETTERS - set(codes)}
    else:
        codes |= {letter: code.upper() for code, letter in VNI.items() if code.isupper()}
    return "".join(codes.get(letter, letter) for letter in unicodedata.normalize("NFC", text))


def test_the_tables_have_all_letters():
    assert len(LETTERS) == 134
    assert set(VNI.values()) == LETTERS
    assert set(TCVN3.values()) == {letter for letter in LETTERS if letter.islower()} | BASES
    assert len(TCVN3) == len(set(TCVN3.values()))
    assert all(len(code) == 1 and "¡" <= code <= "þ" for code in TCVN3)


@pytest.mark.parametrize(
    ("encoding", "typed", "meant"),
    [
        pytest.param("TCVN3", "Kh«ng ph¸t sinh", "Không phát sinh", id="TCVN3"),
        pytest.param("VNI", "Khoâng phaùt sinh", "Không phát sinh", id="VNI"),
        pytest.param("TCVN3", "§¹t", "Đạt", id="TCVN3, one word"),
        pytest.param("VNI", "Ñaït", "Đạt", id="VNI, one word"),
        pytest.param("TCVN3", "tÊn", "tấn", id="TCVN3, a capital inside a word"),
        pytest.param("TCVN3", "ng\u00adêi", "người", id="TCVN3, the soft hyphen is a letter"),
        pytest.param("VNI", "trieäu ñoàng", "triệu đồng", id="VNI, a unit"),
        pytest.param("TCVN3", "tû ®ång", "tỷ đồng", id="TCVN3, a unit"),
        pytest.param("VNI", "xaõ, taán", "xã, tấn", id="VNI, short words together"),
        pytest.param("VNI", "caù vaø toâm", "cá và tôm", id="VNI, marks that could be glides"),
        pytest.param("TCVN3", "KH¤NG PH¸T SINH", "KHÔNG PHÁT SINH", id="TCVN3 in capitals"),
        pytest.param("VNI", "KHOÂNG PHAÙT SINH", "KHÔNG PHÁT SINH", id="VNI in capitals"),
        pytest.param("TCVN3", "UBND TØNH Lµo Cai", "UBND TỈNH Lào Cai", id="TCVN3, a word in capitals"),
        pytest.param("VNI", "Aán Ñoä", "Ấn Độ", id="VNI, a small mark beside a capital"),
        pytest.param("TCVN3", "nhiÖm vô", "nhiệm vụ", id="TCVN3, beside a word that reads either way"),
        pytest.param("TCVN3", "trång míi 5 ha, 30 kg/m²", "trồng mới 5 ha, 30 kg/m²", id="TCVN3 and units"),
    ],
)
def test_text_in_an_old_encoding_is_recognised(encoding, typed, meant):
    assert recognised(typed) == Recognised(encoding, meant)


@pytest.mark.parametrize(
    "text",
    [
        *("", "m", "12,5", "Khong phat sinh", "The project is on schedule", "OK"),
        *("m²", "m³", "10 µm", "µg/m³", "N·m", "kW·h", "±5%", "° C", "25°C", "3 × 4", "½ ha", "§ 5", "¬p"),
        *("Windows®", "Intel® Core™", "© 2026", "«Trang trai»", "100 m »", "«m»", "x·", "5 €", "£3", "¥100"),
        *(
            "Noël",
            "Citroën",
            "René",
            "José thé André",
            "Thaï",
            "laïc",
            "naïf",
            "Hanoï",
            "Hué",
            "Léon",
            "Häng",
        ),
        *(
            "Müller GmbH",
            "Köln",
            "Zürich",
            "São Paulo",
            "João",
            "Bogotá",
            "El Niño",
            "Ñuñoa",
            "på",
            "ångström",
        ),
        *("café, crème brûlée", "À la carte", "Société Générale", "Crédit agricole à Hanoï", "Raphaël, Gaël"),
        *("không", "có", "Cà phê", "Hà Nam", "KHÔNG CÓ", "là do thu ngân sách", "Tân Trào", "hé", "vô", "bò"),
        *("qúy", "cuả", "ngừơi", "hoà", "nghiã vụ", "Đắk Lắk", "Krông Nô", "Pá Khoang", "Pù Mát", "Chí Cà"),
        *("cá ß", "aé", "ôö", "ñ", "®", "µ", "«", "\u00ad", "\ufeff", "caù"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_other_text_is_not_taken_for_an_old_encoding(text, form):
    assert recognised(unicodedata.normalize(form, text)) is None


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_comes_back(encoding, sentence):
    small = sentence.lower()  # in TCVN3 a toned capital at a word's beginning has no code of its own
    assert recognised(old(small, encoding)) == Recognised(encoding, small)
    assert recognised(sentence) is None
    assert recognised(unicodedata.normalize("NFD", sentence)) is None


@given(st.sampled_from(WORDS), st.sampled_from(sorted(ENCODINGS)))
def test_each_syllable_comes_back(word, encoding):
    assert is_syllable(word, strict=True)
    assert ENCODINGS[encoding](old(word.lower(), encoding)) == word.lower()
    if encoding == "VNI":
        assert ENCODINGS[encoding](old(word, encoding)) == word
        assert ENCODINGS[encoding](old(word.upper(), encoding)) == word.upper()


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), st.sampled_from(["NFC", "NFD"]))
def test_vietnamese_in_unicode_is_left_alone(words, form):
    assert recognised(unicodedata.normalize(form, " ".join(words))) is None
    assert all(recognised(unicodedata.normalize(form, word)) is None for word in words)


@given(
    st.lists(st.sampled_from(WORDS), min_size=3, max_size=12, unique=True), st.sampled_from(sorted(ENCODINGS))
)
def test_what_is_recognised_is_right(words, encoding):
    text = " ".join(words).lower()
    found = recognised(old(text, encoding))
    assert found is None or found == Recognised(encoding, text)


def test_no_line_of_our_own_texts_is_taken_for_an_old_encoding():
    texts = [path.read_text() for path in ROOT.rglob("*.md") if ".venv" not in path.parts]
    lines = {line for text in texts for line in text.splitlines()}
    assert recognised_texts(lines) == {}


def test_columns_of_texts_are_judged_once_each_and_quickly():
    unicode_texts = [f"{text} ({n})" for n in range(2000) for text in SENTENCES]
    texts = [*unicode_texts, *["Kh«ng ph¸t sinh", "", "12,5"] * 10_000]
    start = time.perf_counter()
    assert recognised_texts(texts) == {"Kh«ng ph¸t sinh": Recognised("TCVN3", "Không phát sinh")}
    assert time.perf_counter() - start < 5


TABLE = "unit,period,indicator,note\n" + "\n".join(f"082,2026-Q3,CT{n},{s}" for n, s in enumerate(SENTENCES))
CP1258_MARKS = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}


def cp1258(text: str) -> bytes:
    """Text as windows-1258 has it: a letter, then its tone where the two have no code together."""
    found = b""
    for letter in unicodedata.normalize("NFC", text):
        try:
            found += letter.encode("cp1258")
        except UnicodeEncodeError:
            marks = unicodedata.normalize("NFD", letter)
            tone = "".join(mark for mark in marks if mark in CP1258_MARKS)
            base = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in CP1258_MARKS))
            found += (base + tone).encode("cp1258")
    return found


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        pytest.param(TABLE.encode(), "UTF-8", id="UTF-8"),
        pytest.param(TABLE.encode("utf-8-sig"), "UTF-8", id="UTF-8 with a mark"),
        pytest.param(TABLE.encode("utf-16"), "UTF-16", id="UTF-16 little end first, with a mark"),
        pytest.param(
            b"\xfe\xff" + TABLE.encode("utf-16-be"), "UTF-16", id="UTF-16 big end first, with a mark"
        ),
        pytest.param(TABLE.encode("utf-16-le"), "UTF-16", id="UTF-16 little end first, without a mark"),
        pytest.param(TABLE.encode("utf-16-be"), "UTF-16", id="UTF-16 big end first, without a mark"),
        pytest.param(cp1258(TABLE), "windows-1258", id="windows-1258"),
        pytest.param(old(TABLE, "VNI").encode("cp1252"), "VNI", id="VNI"),
        pytest.param(b"", "UTF-8", id="nothing"),
        pytest.param(b"unit,period,indicator\n", "UTF-8", id="plain letters"),
    ],
)
def test_a_file_is_decoded_by_what_it_says(content, encoding):
    found = decoded(content)
    assert found.encoding == encoding
    assert found.text == (TABLE if len(content) > 100 else content.decode())


def test_a_file_in_tcvn3_is_decoded():
    text = TABLE.replace("Ủy", "ủy").replace("Diện", "diện")
    found = decoded(old(text, "TCVN3").encode("cp1252"))
    assert (found.encoding, found.text) == ("TCVN3", text)


@pytest.mark.parametrize("encoding", ["windows-1258", "TCVN3", "VNI"])
def test_a_few_words_tell_the_encoding_of_a_file(encoding):
    text = "unit,note\n082,không phát sinh\n"
    content = cp1258(text) if encoding == "windows-1258" else old(text, encoding).encode("cp1252")
    assert (decoded(content).encoding, decoded(content).text) == (encoding, text)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param("a,b\ncafé crème,Müller\n".encode("cp1252"), 2, id="French"),
        pytest.param(b"a,b\n1,2\nHotel Z\xfcrich\n", 3, id="one German name"),
        pytest.param(b"a,b\r1,2\r10 \xb5m, 5 m\xb2\r", 3, id="units, lines ended as on an old Macintosh"),
        pytest.param("a,b\nКрасный,Москва\n".encode("cp1251"), 2, id="Russian"),
        pytest.param(b"a\n" + "Không phát sinh".encode()[:-1] + b"\xe1\xbb", 2, id="UTF-8 cut off"),
        pytest.param(b"\xff\xfe" + "a\nb".encode("utf-16-le") + b"\x00", 2, id="UTF-16 cut off"),
        pytest.param(b"unit,period,indicator\n\xff\xfe", 2, id="two stray bytes"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff", 1, id="a picture"),
    ],
)
def test_what_is_in_no_known_encoding_is_refused(content, line):
    with pytest.raises(UndecodableError, match=f"line {line}") as caught:
        decoded(content)
    assert isinstance(caught.value, ValueError)
    assert caught.value.line == line


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(content):
    try:
        found = decoded(content)
    except UndecodableError as error:
        assert error.line >= 1
    else:
        assert found.encoding in {"UTF-8", "UTF-16", "windows-1258", "TCVN3", "VNI"}
