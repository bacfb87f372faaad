"""Invented names and sentences in three scripts. Nobody and nothing real is meant."""

import random

GIVEN = ("Ada", "Boris", "Chen", "Dana", "Emil", "Farah", "Goran", "Hana", "Igor", "Jana", "Karim", "Lena", "Milan",
         "Nadia", "Omar", "Pavel", "Qadir", "Rosa", "Sven", "Tara", "Umar", "Vera", "Yusuf", "Zora")  # fmt: skip
BEGIN = ("Bal", "Cor", "Dem", "Fal", "Gor", "Hal", "Kal", "Lar", "Mar", "Nor", "Pet", "Ros", "Sam", "Tol", "Vol", "Zar")
MIDDLE = ("a", "o", "i", "e", "an", "or", "il", "en", "ova", "eri", "ana", "uli")
END = ("ni", "rov", "sen", "mann", "dez", "ko", "li", "tti", "vic", "wski", "yan", "zade", "shi", "ber", "ton", "nen")
CYRILLIC = str.maketrans(
    dict(zip("abcdefghijklmnopqrstuvwyz", "абцдефгхижклмнопкрстуввыз", strict=True))
    | dict(zip("ABCDEFGHIJKLMNOPQRSTUVWYZ", "АБЦДЕФГХИЖКЛМНОПКРСТУВВЫЗ", strict=True))
)
HAN = "安白陈大恩方高海金江康兰立马明南平青仁山田万文西夏小新雪杨远云张中周子"
SUBJECTS = ("trade", "border", "grain", "gas", "visa", "fishing", "sanctions", "ceasefire", "refugees", "railway",
            "currency", "satellite", "water", "vaccine", "port", "tariff", "arms", "mine",
            "culture", "climate")  # fmt: skip
ASPECTS = ("cooperation", "dispute", "agreement", "talks", "support", "security", "transit", "relief", "control",
           "fund", "corridor", "commission", "standards", "exchange", "monitoring")  # fmt: skip
SENTENCES = {
    "en": ("The sides discussed {0} and agreed to continue.", "They voiced concern over {0}.", "{0} stays open.",
           "A working group on {0} will meet again.", "The minister called for restraint on {0}."),
    "ru": ("Стороны обсудили тему: {0}.", "Министр призвал к сдержанности.", "Переговоры продолжатся осенью.",
           "Достигнута договорённость о рабочей группе.", "Подчёркнута важность вопроса: {0}."),
    "zh": ("双方就{0}问题交换了意见。", "部长呼吁保持克制。", "会谈将继续进行。", "双方同意成立工作组。",
           "强调{0}的重要性。"),
}  # fmt: skip


def person(chance: random.Random) -> tuple[str, str, str]:
    """A name in Latin and Cyrillic letters and in Chinese characters."""
    latin = f"{chance.choice(GIVEN)} {chance.choice(BEGIN)}{chance.choice(MIDDLE)}{chance.choice(END)}"
    return latin, latin.translate(CYRILLIC), "".join(chance.choices(HAN, k=chance.choice((2, 3, 3, 4))))


def sentences(chance: random.Random, language: str, subject: str, count: int) -> str:
    """Some sentences in a language."""
    return " ".join(chance.choice(SENTENCES[language]).format(subject) for _ in range(count))
