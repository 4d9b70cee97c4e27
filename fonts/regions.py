"""Regions and scripts: what a region writes most, and what a person of it is asked to write."""

from __future__ import annotations

REGIONS = ("cn", "tw", "hk", "jp", "kr")

HANGUL = range(0xAC00, 0xD7A4)           # all modern syllables
_RANGES = ((0x21, 0x2AF, "latin"), (0x370, 0x52F, "latin"), (0x1E00, 0x1FFF, "latin"),
           (0x3041, 0x30FF, "kana"), (0x3131, 0x318E, "hangul"), (0x3400, 0x9FFF, "han"),
           (HANGUL[0], HANGUL[-1], "hangul"), (0xF900, 0xFAFF, "han"), (0x20000, 0x3FFFF, "han"))

# The characters that a person is asked to write, and a set of several scripts. `python -m
# training.recommend choose` chose them: hanzi that together show the most of the components and
# strokes of the region's characters for the least of the pen's path, among the 1,500 most frequent;
# Hangul and kana that show the most blocks of strokes. docs/experiments.md compares sets.
SAMPLES = {
    "cn": "叶茶沿扩心锁杰培译缩碍前达独安伦帝岁算鲜校踪补玛派疾利的萨男",
    "tw": "只河蘇木戀鎖不控然境婦促莫碼初它微符近融現症設的隊治款相鮮鳥",
    "hk": "只河蘇木戀鎖不控然境婦促莫碼初它微符近融現症設的隊治款相鮮鳥",
    "jp": "上涼足心操照夢絞計達鎖筋穴魚仙委商裕枚派独目症のだけねなぶら",
    "kr": "읊얹녘훑값돐챦싻쟨싫떫틥팎쬈맺윷벧뀀빻롓퀑괆굵붚얕죡뇔취쟝단",
    # for fonts of several scripts
    "mixed": "的面待是清桂原牢大捉笑他致所のてはなか밈넨묽질쁨광moue0",
}

# The characters that come most often in running text, the most frequent first: Han, kana and Hangul
# by the word frequencies of wordfreq 3, half of a Chinese text and more of the others.
_LATIN = "etaoinshrdlcumwfgypbvkjxqz0123456789ETAOINSHRDLCUMWFGYPBVKJXQZ"
_OWN = {
    "cn":
        "的是一在不人有了我国这为中个大会们他来和年上以要到时对么能你就发可地生家出也说于学后"
        "成与过行用日多自现都没作下得开经还法动好方而公子事分之民主里政看吗本月所天新业同全定"
        "部最其进如前机美那当工关实小被但因长样理等什道去些面很心间区内电然力起体只着从并者高"
        "加想文问种员重及点将意合产三外由市无女已制网第情场名应西代正表真此位",
    "tw":
        "的一是不在人有了我國這為中個大會們他來和年上以要到時對麼能你就發可地生家出也說於學後"
        "成與過行用日多自現都沒作下得開經還法動好方而公子事分之民主裡政看嗎本月所天新業同全定"
        "部最其進如前機美那當工關實小被但因長樣理等什道去些面很心間區內電然力起體只著從並者高"
        "加想文問種員重及點將意合產三外由市無女已制網第情場名應西代正表真此位",
    "jp":
        "のいてなにたしでるとはがかっをすーもらうんれまだこンりくあよさけきそスイトやおどえル"
        "人わちッ日ラリめつクアねじせみゃ大ろタ本ド出レ見一ロシばカ分時マジフプ事中言思年行コ"
        "メ間気生バ自ム方上テチ会子今キ前者グ的入サ月ずょ手ご国ブャオニデパ作合来何女全最無ィ"
        "場動用目後発ナウ学話ビエほ定当ュダ理高感性部べミ地回新画使下実私物体",
    "kr":
        "이다는에하고가을지의로서은아한어도기사니있를나해리시그요인들자일게대라으스수만보제면"
        "정주전부여거과장했상안마구었데오야내원우신적것성국되세위와무할동생소트드모미진문중말"
        "화공까러비습간없분조저입개터유계치월같경회선년때연실바음관용더명학네영교당작좋방려않"
        "합래발건된단재며각운금람행남물알차등통번르던두타후프겠체크랑식히너산",
}


def script_of(codepoint: int) -> str:
    """"han", "hangul", "kana", "latin" (and its like), or "sign" for all else."""
    return next((script for low, high, script in _RANGES if low <= codepoint <= high), "sign")


def frequent(region: str) -> str:
    """The frequent characters of a region: of its own scripts and Latin ones by turns."""
    own = _OWN["tw" if region == "hk" else region]
    return "".join([*(c for pair in zip(own, _LATIN) for c in pair), *own[len(_LATIN):]])
