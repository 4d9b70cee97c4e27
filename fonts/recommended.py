"""The characters that a person is asked to write, by region, and a set of several scripts.

`python -m training.recommend choose` chose them: those that together show the most of the blocks
of strokes that the region's characters are made of, weighted by how often they are read, for the
least length of stroke. docs/experiments.md holds them against random and most frequent sets.
"""

SAMPLES = {
    "cn": "十行示泪关比是罚估权深性宅措页纷杰适肠惹锋鸡宴战邦响染弦班辐",
    "tw": "仔木的士是活哭詩仇序丟拉逼荒忍給唱震此柱努整痴姨閒按臉戰標冬",
    "hk": "仔木的士是活哭詩仇序丟拉逼荒忍給唱震此柱努整痴姨閒按臉戰標冬",
    "jp": "示力任又渇杯圭契胎受批遮課故序塔時私綻慎抜集池のだけねなぶら",
    "kr": "읊얹녘훑값돐챦싻쟨싫떫틥팎쬈맺윷벧뀀빻롓퀑괆굵붚얕죡뇔취쟝단",
    # for fonts of several scripts
    "mixed": "的面待是清桂原牢大捉笑他致所のてはなか밈넨묽질쁨광moue0",
}
