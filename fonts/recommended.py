"""The characters that a person is asked to write, by region.

`python -m training.recommend choose` chose them: those that together show the most of the blocks
of strokes that the region's characters are made of, weighted by how often they are read, for the
least length of stroke. docs/experiments.md holds them against random and most frequent sets.
"""

SAMPLES = {
    "cn": "十行示泪关比是罚估权深性宅措页纷杰适肠惹锋鸡宴战邦响染弦班辐",
    "tw": "仔木的士是活哭詩仇序丟拉逼荒忍給唱震此柱努整痴姨閒按臉戰標冬",
    "hk": "仔木的士是活哭詩仇序丟拉逼荒忍給唱震此柱努整痴姨閒按臉戰標冬",
    "jp": "示力任又渇杯圭契胎受批遮課故序塔時私綻慎抜集池のだけねなぶら",
    # by hand: the 28 finals, 21 medials and 19 initials of Hangul, each at least once
    "kr": "숴퀵밖싻췐얹쟎벧걜맑괆얇돐훑읊싫틤쵭값폣쬈뿅꿎윷녘뱉랖떻",
}
