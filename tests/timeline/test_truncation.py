"""Truncation of text at grapheme clusters and whole numbers, in every script."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from app.timeline.truncation import truncate

SENTENCES = {
    "Arabic": "أعلن مركز التحكم منح الطاقم أربع ساعات أخرى على السطح بعد أن عاد",
    "Armenian": "Կառավարման կենտրոնը անձնակազմին ևս չորս ժամ տվեց մակերեսին ճնշման ",
    "Chinese": "任务控制中心在第二个储罐的压力恢复到中午的水平之后又给了宇航员四个小时的",
    "Georgian": "მისიის მართვის ცენტრმა ეკიპაჟს ზედაპირზე კიდევ ოთხი საათი მისცა წნ",
    "Hindi": "मिशन नियंत्रण ने चालक दल को सतह पर और चार घंटे दिए हैं क्योंकि दबा",
    "Japanese": "管制センターは第二タンクの圧力が正午の値に戻ったことを受けて乗組員に四時",
    "Korean": "관제센터는 두 번째 탱크의 압력이 정오 수준으로 돌아온 뒤 승무원",
    "Russian": "Центр управления дал экипажу ещё четыре часа на поверхности после ",
    "Thai": "ศูนย์ควบคุมภารกิจได้ให้เวลาลูกเรืออีกสี่ชั่วโมงบนพื้นผิวหลังจากที่",
}
CLUSTERS = st.lists(
    st.sampled_from(
        [*"ab 1,あ", "é", "e\u0301", "👩\u200d🚒", "🇬🇪", "กำ", "क्षि", "\U0001f44d\U0001f3fd"]
    )
)


@pytest.mark.parametrize("script", SENTENCES)
def test_a_cut_keeps_most_of_a_sentence_in_every_script(script: str) -> None:
    """Truncated text uses at least two thirds of the limit, also in scripts without spaces."""
    text = SENTENCES[script]
    cut = truncate(text, 30)
    assert 20 <= len(cut) <= 30
    assert text.startswith(cut.removesuffix("…"))


@given(CLUSTERS.map("".join), st.integers(12, 40))
def test_a_cut_is_between_clusters_and_fits(text: str, limit: int) -> None:
    """Text is truncated between grapheme clusters and fits the limit with its ellipsis."""
    cut = truncate(text, limit)
    assert len(cut) <= limit
    if len(text) <= limit:
        assert cut == text
    else:
        assert cut.endswith("…")
        prefix = cut.removesuffix("…")
        ends = {0, *(cluster.end() for cluster in regex.finditer(r"\X", text))}
        assert text.startswith(prefix)
        assert len(prefix) in ends


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("one two three", 9, "one two…"),
        ("one two three", 8, "one two…"),
        ("onetwothree", 9, "onetwoth…"),
        ("one two", 7, "one two"),
        ("on twothreefour", 12, "on twothree…"),
        ("🇬🇪🇦🇲🇦🇿", 5, "🇬🇪🇦🇲…"),
        ("👩\u200d🚒👩\u200d🚒", 5, "👩\u200d🚒…"),
        ("死者已经确认共有12345人", 12, "死者已经确认共有…"),
        ("the dead are now 1,234,567", 22, "the dead are now…"),
        ("e" + "\u0301" * 20, 5, "e\u0301\u0301\u0301…"),
    ],
)
def test_where_a_text_is_cut(text: str, limit: int, cut: str) -> None:
    """Text is cut at a space in the last third, else between clusters, and not in a number.

    A cluster that is longer than the limit is cut all the same.
    """
    assert truncate(text, limit) == cut
