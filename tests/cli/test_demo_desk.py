"""The desks of the demonstration: nobody young comes for blood pressure while there are grown-up residents."""

from yba.cli.demo_desk import frequent
from yba.kit import clock


def test_the_grown_up_come_first_and_of_them_who_came_most_often(tmp_path):
    old, young = f"{clock.today().year - 60}0102", f"{clock.today().year - 11}0102"
    visits = ["child"] * 5 + ["seldom"] + ["often"] * 3 + ["elsewhere"] * 9 + ["nameless"] * 7
    lines = [f"{one},{'11002' if one == 'elsewhere' else '11001'},accepted" for one in visits]
    (tmp_path / "people.csv").write_text("\n".join(["person_id,facility,outcome", *lines]), encoding="utf-8")
    residents = [f"child,{young},1", f"seldom,{old},2", f"often,{old},3", f"elsewhere,{old},4", f"nameless,{old},"]
    (tmp_path / "residents.csv").write_text("\n".join(["person_id,birth,citizen_number", *residents]), encoding="utf-8")
    assert frequent(tmp_path, "11001") == ["3", "2", "1"]
