"""Invented people and enterprises: names, badge numbers, telephone numbers that can't ring, credit codes that check."""

import random
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from stdnum.cn import uscc

from portal.scheme.predicates import holds, worlds
from portal.scheme.words import Class, Fact, Predicate

SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭鲁韦马方俞任袁柳"
GIVEN = "安宁平正明清和顺康健勤勉诚信敏慧文武思远志恒嘉言立新长青春华秋实若水怀瑾广厚建业国栋永年"
TRADES = (
    "精密机械",
    "五金制品",
    "塑料制品",
    "纺织印染",
    "家具制造",
    "木业加工",
    "食品加工",
    "化工材料",
    "电镀加工",
    "仓储物流",
    "建材经营",
    "汽车修理",
    "包装印刷",
    "电子元件",
    "餐饮服务",
    "百货零售",
    "旅馆住宿",
    "冷链仓储",
    "陶瓷制品",
    "再生资源",
)
SHOPS = ("小餐馆", "小旅馆", "小超市", "小网吧", "小浴室", "小作坊", "小诊所", "小歌厅", "小学校")
RARELY = 15
WORDS = "宏远瑞丰鼎盛华泰金辉永昌正阳恒通嘉业天成广利新元百顺同德东升万和"


@dataclass
class Inventor:
    """Invents the same things for the same seed."""

    seed: str

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - example data, not secrets
        self._names: set[str] = set()
        self._phones = 0

    def name(self) -> str:
        """A person's name that was not used yet."""
        while True:
            name = self._random.choice(SURNAMES) + "".join(self._random.sample(GIVEN, self._random.choice((1, 2, 2))))
            if name not in self._names:
                self._names.add(name)
                return name

    def phone(self, area_code: str, length: int) -> str:
        """A landline whose local number begins with 0: never allotted."""
        self._phones += 1
        return f"{area_code}-0{self._phones + 2000:0{length - 1}d}"

    def enterprise(self, place: str, *, shop: bool) -> str:
        """An enterprise's name, marked as an example."""
        if shop:
            return f"{place}{''.join(self._random.sample(WORDS, 2))}{self._random.choice(SHOPS)}（示例）"
        return f"{place}{''.join(self._random.sample(WORDS, 2))}{self._random.choice(TRADES)}有限公司（示例）"

    def credit_code(self, division: str) -> str:
        """A credit code that passes its check and names the district."""
        digits = "".join(self._random.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(9))
        district = "".join(letter for letter in division if letter.isdigit())[:6]
        body = f"91{district}{digits}"
        return body + str(uscc.calc_check_digit(body))

    def facts(
        self, facts: Sequence[Fact], classes: Sequence[Class], covers: Predicate, rare: Container[str]
    ) -> Iterator[Mapping[str, str]]:
        """Facts without end, so that each class gets its share, a ``rare`` one little, and each combination occurs."""
        covered = [world for world in worlds(facts) if holds(covers, world)]
        by_class = [(klass.code, [world for world in covered if holds(klass.when, world)]) for klass in classes]
        for turn in count():
            for code, fitting in by_class:
                if code not in rare or turn % RARELY == 0:
                    yield self._random.choice(fitting)

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return self._random.random() < share

    def pick(self, things: Sequence[str]) -> str:
        """One of them."""
        return self._random.choice(things)

    def number(self, below: int) -> int:
        """A number below."""
        return self._random.randrange(below)
