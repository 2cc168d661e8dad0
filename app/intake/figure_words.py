"""Words beside the numbers of figures, by interface language; the language "" has the symbols.

Spellings need no capitals and no Arabic vowel signs: `figure_value` removes these from what it
compares.
"""

from collections.abc import Mapping

Words = Mapping[str, tuple[str, ...]]

NOT_REPORTED: Words = {
    "": ("?", "؟"),
    "en": ("not reported", "unknown", "not known", "no data"),
    "ru": ("не сообщается", "не сообщалось", "неизвестно", "нет данных"),
    "az": ("bildirilmir", "məlum deyil", "naməlum", "açıqlanmayıb"),
    "ka": ("არ არის ცნობილი", "ცნობილი არ არის", "უცნობია", "არ იუწყებიან"),
    "hy": ("չի հաղորդվում", "անհայտ է", "անհայտ", "հայտնի չէ"),
    "ar": ("غير معلن", "غير معروف", "لم يعلن", "لم يعلن عنه"),
}
VAGUE: Words = {
    "en": (
        *("several", "a few", "a handful", "dozens", "scores", "hundreds", "thousands", "many"),
        *("tens of thousands", "hundreds of thousands", "millions"),
    ),
    "ru": (
        *("несколько", "десятки", "сотни", "тысячи", "десятки тысяч", "сотни тысяч", "миллионы"),
        *("много", "множество"),
    ),
    "az": (
        *("bir neçə", "onlarla", "yüzlərlə", "minlərlə", "on minlərlə", "yüz minlərlə"),
        *("milyonlarla", "çoxlu", "çox sayda"),
    ),
    "ka": (
        *("რამდენიმე", "ათობით", "ათეულობით", "ასობით", "ასეულობით", "ათასობით", "ათიათასობით"),
        *("ათეულ ათასობით", "ასიათასობით", "ასეულ ათასობით", "მილიონობით", "ბევრი", "მრავალი"),
    ),
    "hy": (
        *("մի քանի", "տասնյակ", "տասնյակներ", "հարյուրավոր", "հազարավոր", "տասնյակ հազարավոր"),
        *("հարյուր հազարավոր", "հարյուրհազարավոր", "միլիոնավոր", "բազմաթիվ", "շատ"),
    ),
    "ar": (
        *("عدة", "عدد من", "عشرات", "العشرات", "مئات", "المئات", "آلاف", "الآلاف"),
        *("عشرات الآلاف", "مئات الآلاف", "ملايين", "الملايين", "العديد", "كثير", "الكثير"),
    ),
}

# Before the number, or after it as a word of its own.
AT_LEAST: Words = {
    "": (">", "≥", ">="),
    "en": (
        *("more than", "over", "above", "upwards of", "at least", "a minimum of", "no fewer than"),
        *("no less than", "not less than", "or more", "and more"),
    ),
    "ru": (
        *("более", "больше", "свыше", "не менее", "не меньше", "минимум", "как минимум"),
        *("по меньшей мере", "и более", "или более"),
    ),
    "az": ("ən azı", "ən az", "azı", "minimum"),
    "ka": ("მინიმუმ", "სულ მცირე", "არანაკლებ"),
    "hy": ("առնվազն", "նվազագույնը", "ավելի քան", "ոչ պակաս քան"),
    "ar": (
        *("أكثر من", "ما لا يقل عن", "لا يقل عن", "ما يزيد على", "ما يزيد عن", "على الأقل"),
        *("أو أكثر", "فوق"),
    ),
}
AT_MOST: Words = {
    "": ("<", "≤", "<="),
    "en": (
        *("fewer than", "less than", "under", "below", "up to", "at most", "a maximum of"),
        *("no more than", "not more than", "or fewer", "or less"),
    ),
    "ru": ("менее", "меньше", "до", "не более", "не больше", "максимум", "или менее"),
    "az": ("ən çoxu", "ən çox", "maksimum"),
    "ka": ("მაქსიმუმ", "არაუმეტეს"),
    "hy": ("առավելագույնը", "ամենաշատը", "ոչ ավելի քան", "պակաս քան", "մինչև"),
    "ar": (
        *("أقل من", "لا يزيد على", "لا يزيد عن", "ما لا يزيد على", "ما لا يزيد عن", "لا يتجاوز"),
        *("حتى", "على الأكثر", "أو أقل"),
    ),
}
ABOUT: Words = {
    "": ("~", "≈"),
    "en": (
        *("about", "around", "approximately", "roughly", "some", "nearly", "almost", "circa"),
        *("an estimated", "ca.", "c."),
    ),
    "ru": ("около", "примерно", "приблизительно", "почти", "порядка"),
    "az": ("təxminən", "təqribən"),
    "ka": ("დაახლოებით", "თითქმის", "მიახლოებით"),
    "hy": ("մոտ", "մոտավորապես", "շուրջ", "գրեթե"),
    "ar": ("حوالي", "حوالى", "نحو", "قرابة", "زهاء", "تقريبا", "ما يقارب", "ما يقرب من"),
}

# Attached to the number, with or without a hyphen: `150-dən çox`, `60-მდე`, `150+`.
AT_LEAST_ENDINGS: Words = {
    "": ("+",),
    "az": ("dən çox", "dan çox", "dən artıq", "dan artıq"),
    "ka": ("ზე მეტი",),
    "hy": ("ից ավելի", "ից ավել"),
}
AT_MOST_ENDINGS: Words = {
    "az": ("dən az", "dan az", "dək", "dak", "a qədər", "ə qədər", "ya qədər", "yə qədər"),
    "ka": ("ზე ნაკლები", "მდე"),
    "hy": ("ից պակաս", "ից քիչ"),
}
ABOUT_ENDINGS: Words = {
    "az": ("a yaxın", "ə yaxın", "ya yaxın", "yə yaxın"),
}
