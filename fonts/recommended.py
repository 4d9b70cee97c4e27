"""The characters that a person is asked to write, by region.

Chosen for what they hold: every basic stroke and hook, the layouts (left and right, above and
below, enclosed, half enclosed, single), frequent components, and some of many strokes, which set
the weight of a stroke and the size of a counter.
"""

SAMPLES = {
    "cn": "永东国酬爱郁灵鹰袋我说你这清打猫铁绿霜箭荷病庭风区凶心九马赢",
    "tw": "永東國酬愛鬱靈鷹袋我說你這清打貓鐵綠霜箭荷病庭風區凶心九馬贏",
    "hk": "永東國酬愛鬱靈鷹袋我說你這清打貓鐵綠霜箭荷病庭風區凶心九馬贏",
    "jp": "永東国酬愛鬱霊鷹袋我説近清打猫鉄緑箭病庭風区九馬あのふきをえ",
    # the 28 finals, 21 medials and 19 initials of Hangul, each at least once
    "kr": "숴퀵밖싻췐얹쟎벧걜맑괆얇돐훑읊싫틤쵭값폣쬈뿅꿎윷녘뱉랖떻",
}
