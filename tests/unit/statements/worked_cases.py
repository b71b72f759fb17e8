"""The cases, by hand. Each month's lines are all of its lines, in order."""

from .worked import Case, Month, carried, moved

CASES = (
    Case(
        name="royalties alone are owed in full",
        months=(
            Month(
                moves=(moved("accrual", "12.345678"),),
                lines=(("accrued", "12.345678"),),
                closing="12.345678",
                payable="12.345678",
            ),
        ),
    ),
    Case(
        name="nothing earned and nothing carried states nothing",
        months=(Month(),),
    ),
    Case(
        name="a balance from before is carried on where nothing happens",
        opening=carried("3"),
        threshold="5",
        months=(Month(closing="3", untaxed="3"),),
    ),
    # -- thresholds
    Case(
        name="below the threshold nothing is payable and all is carried",
        threshold="10",
        months=(
            Month(
                moves=(moved("accrual", "9.999999"),),
                lines=(("accrued", "9.999999"),),
                closing="9.999999",
                untaxed="9.999999",
            ),
        ),
    ),
    Case(
        name="at the threshold all is payable",
        threshold="10",
        months=(Month(moves=(moved("accrual", "10"),), lines=(("accrued", "10"),), closing="10", payable="10"),),
    ),
    Case(
        name="two months below the threshold come to one above it",
        threshold="10",
        months=(
            Month(moves=(moved("accrual", "6"),), lines=(("accrued", "6"),), closing="6", untaxed="6"),
            Month(
                period="2026-12",
                moves=(moved("accrual", "4.5"),),
                lines=(("accrued", "4.5"),),
                closing="10.5",
                payable="10.5",
            ),
        ),
    ),
    Case(
        name="tax waits until the threshold is reached and is then taken on both months",
        threshold="10",
        tax_basis_points=1_000,
        months=(
            Month(moves=(moved("accrual", "6"),), lines=(("accrued", "6"),), closing="6", untaxed="6"),
            # 10 % of 6 + 5
            Month(
                period="2026-12",
                moves=(moved("accrual", "5"),),
                lines=(("accrued", "5"), ("withheld", "-1.1")),
                closing="9.9",
                payable="9.9",
            ),
        ),
    ),
    Case(
        name="a balance that tax took below the threshold is payable and is not taxed again",
        threshold="10",
        tax_basis_points=1_000,
        months=(
            Month(
                moves=(moved("accrual", "10"),), lines=(("accrued", "10"), ("withheld", "-1")), closing="9", payable="9"
            ),
            # 9 + 2 reaches the threshold; only the 2 are new: 10 % of 2
            Month(
                period="2026-12",
                moves=(moved("accrual", "2"),),
                lines=(("accrued", "2"), ("withheld", "-0.2")),
                closing="10.8",
                payable="10.8",
            ),
        ),
    ),
    # -- payouts
    Case(
        name="what was paid out leaves nothing",
        opening=carried("25", untaxed="0"),
        months=(Month(moves=(moved("payout", "-25"),), lines=(("paid", "-25"),)),),
    ),
    Case(
        name="a payout that came back is owed again and not taxed twice",
        opening=carried("25", untaxed="0"),
        tax_basis_points=3_000,
        months=(
            Month(
                moves=(moved("payout", "-25"), moved("payout_returned", "25")),
                lines=(("paid", "-25"), ("paid", "25")),
                closing="25",
                payable="25",
            ),
        ),
    ),
    # -- recoupment
    Case(
        name="an advance takes all of smaller earnings",
        months=(
            Month(
                moves=(moved("accrual", "30"),),
                advance="100",
                lines=(("accrued", "30"), ("recouped", "-30")),
                advance_left="70",
            ),
        ),
    ),
    Case(
        name="the rest of an advance is recouped and the surplus is owed",
        months=(
            Month(
                moves=(moved("accrual", "30"),),
                advance="12.5",
                lines=(("accrued", "30"), ("recouped", "-12.5")),
                closing="17.5",
                payable="17.5",
            ),
        ),
    ),
    Case(
        name="an advance over three months",
        months=(
            Month(
                moves=(moved("accrual", "40"),),
                advance="100",
                lines=(("accrued", "40"), ("recouped", "-40")),
                advance_left="60",
            ),
            Month(
                period="2026-12",
                moves=(moved("accrual", "50"),),
                advance="60",
                lines=(("accrued", "50"), ("recouped", "-50")),
                advance_left="10",
            ),
            Month(
                period="2027-01",
                moves=(moved("accrual", "20"),),
                advance="10",
                lines=(("accrued", "20"), ("recouped", "-10")),
                closing="10",
                payable="10",
            ),
        ),
    ),
    Case(
        name="an advance does not touch what was owed before",
        opening=carried("8", untaxed="0"),
        months=(
            Month(
                moves=(moved("accrual", "5"),),
                advance="20",
                lines=(("accrued", "5"), ("recouped", "-5")),
                closing="8",
                payable="8",
                advance_left="15",
            ),
        ),
    ),
    Case(
        name="a debt is made up for before an advance is recouped",
        opening=carried("-4"),
        months=(
            # 10 earned, 4 of them make up for the debt, 6 are free
            Month(
                moves=(moved("accrual", "10"),),
                advance="5",
                lines=(("accrued", "10"), ("recouped", "-5")),
                closing="1",
                payable="1",
            ),
        ),
    ),
    Case(
        name="earnings below the debt recoup nothing",
        opening=carried("-15"),
        months=(
            Month(
                moves=(moved("accrual", "10"),),
                advance="5",
                lines=(("accrued", "10"),),
                closing="-5",
                untaxed="-5",
                advance_left="5",
            ),
        ),
    ),
    Case(
        name="a recouped royalty is not taxed",
        tax_basis_points=1_500,
        months=(
            # 15 % of 20 - 15
            Month(
                moves=(moved("accrual", "20"),),
                advance="15",
                lines=(("accrued", "20"), ("recouped", "-15"), ("withheld", "-0.75")),
                closing="4.25",
                payable="4.25",
            ),
        ),
    ),
    # -- guarantees
    Case(
        name="a guarantee tops royalties up",
        months=(
            Month(
                moves=(moved("accrual", "70"),),
                guarantee="30",
                lines=(("accrued", "70"), ("topped_up", "30")),
                closing="100",
                payable="100",
            ),
        ),
    ),
    Case(
        name="a top-up goes to an advance first",
        months=(
            Month(
                moves=(moved("accrual", "70"),),
                guarantee="30",
                advance="80",
                lines=(("accrued", "70"), ("topped_up", "30"), ("recouped", "-80")),
                closing="20",
                payable="20",
            ),
        ),
    ),
    # -- reserves
    Case(
        name="a tenth is held for two months and released",
        reserve=(1_000, 2),
        months=(
            Month(
                moves=(moved("accrual", "50"),),
                lines=(("accrued", "50"), ("reserved", "-5")),
                closing="45",
                payable="45",
                reserved="5",
            ),
            Month(
                period="2026-12",
                moves=(moved("payout", "-45"), moved("accrual", "20")),
                lines=(("accrued", "20"), ("paid", "-45"), ("reserved", "-2")),
                closing="18",
                payable="18",
                reserved="7",
            ),
            Month(
                period="2027-01",
                moves=(moved("payout", "-18"),),
                lines=(("paid", "-18"), ("released", "5")),
                closing="5",
                payable="5",
                reserved="2",
            ),
        ),
    ),
    Case(
        name="a reserve is rounded to the nearest micro-unit, a half to the reserve",
        reserve=(500, 1),
        months=(
            # 5 % of 0.000010 is half a micro-unit
            Month(
                moves=(moved("accrual", "0.000010"),),
                lines=(("accrued", "0.000010"), ("reserved", "-0.000001")),
                closing="0.000009",
                payable="0.000009",
                reserved="0.000001",
            ),
        ),
    ),
    Case(
        name="a reserve too small to count is none",
        reserve=(500, 1),
        months=(
            Month(
                moves=(moved("accrual", "0.000009"),),
                lines=(("accrued", "0.000009"),),
                closing="0.000009",
                payable="0.000009",
            ),
        ),
    ),
    Case(
        name="a reserve is held after recoupment and taxed when it is released",
        reserve=(2_000, 1),
        tax_basis_points=1_000,
        months=(
            # 100 - 40 = 60; 20 % of 60; 10 % of 48
            Month(
                moves=(moved("accrual", "100"),),
                advance="40",
                lines=(("accrued", "100"), ("recouped", "-40"), ("reserved", "-12"), ("withheld", "-4.8")),
                closing="43.2",
                payable="43.2",
                reserved="12",
            ),
            # the reserve comes back and 10 % of it are taxed
            Month(
                period="2026-12",
                moves=(moved("payout", "-43.2"),),
                lines=(("paid", "-43.2"), ("released", "12"), ("withheld", "-1.2")),
                closing="10.8",
                payable="10.8",
            ),
        ),
    ),
    Case(
        name="two reserves due together are released one by one",
        opening=carried(
            "0",
            reserves=(("2026-08", "3", "2026-12-01"), ("2026-09", "4", "2026-12-01"), ("2026-10", "5", "2027-01-01")),
        ),
        months=(Month(lines=(("released", "3"), ("released", "4")), closing="7", payable="7", reserved="5"),),
    ),
    # -- retroactive
    Case(
        name="a late royalty counts in the open month under its own",
        months=(
            Month(
                moves=(moved("accrual", "10"), moved("accrual", "2.5", late="2026-09")),
                lines=(("accrued", "10"), ("late", "2.5")),
                closing="12.5",
                payable="12.5",
            ),
        ),
    ),
    Case(
        name="late facts of two months stand apart, oldest first",
        months=(
            Month(
                moves=(
                    moved("correction", "-1", late="2026-10"),
                    moved("accrual", "3", late="2026-08"),
                    moved("accrual", "2", late="2026-10"),
                ),
                lines=(("late", "3"), ("late", "2"), ("late", "-1")),
                closing="4",
                payable="4",
            ),
        ),
    ),
    Case(
        name="a retroactive claim moves money between parties: the one who loses it",
        opening=carried("20", untaxed="0"),
        tax_basis_points=1_000,
        months=(
            # -6 untaxed is carried: later earnings make up for it before tax is taken
            Month(
                moves=(moved("payout", "-20"), moved("correction", "-6", late="2026-10")),
                lines=(("late", "-6"), ("paid", "-20")),
                closing="-6",
                untaxed="-6",
            ),
            # 10 - 6 = 4 owed; 10 % of 4
            Month(
                period="2026-12",
                moves=(moved("accrual", "10"),),
                lines=(("accrued", "10"), ("withheld", "-0.4")),
                closing="3.6",
                payable="3.6",
            ),
        ),
    ),
    Case(
        name="a retroactive claim moves money between parties: the one who gains it",
        tax_basis_points=1_000,
        months=(
            Month(
                moves=(moved("correction", "6", late="2026-10"),),
                lines=(("late", "6"), ("withheld", "-0.6")),
                closing="5.4",
                payable="5.4",
            ),
        ),
    ),
    # -- currencies
    Case(
        name="a currency exchanged away",
        opening=carried("30"),
        months=(
            Month(
                moves=(moved("accrual", "5"), moved("exchange", "-35")), lines=(("accrued", "5"), ("exchanged", "-35"))
            ),
        ),
    ),
    Case(
        name="a currency exchanged into, taxed there",
        currency="EUR",
        tax_basis_points=1_000,
        months=(
            # 35 USD at 0.92
            Month(
                moves=(moved("exchange", "32.2"),),
                lines=(("exchanged", "32.2"), ("withheld", "-3.22")),
                closing="28.98",
                payable="28.98",
            ),
        ),
    ),
    Case(
        name="yen in micro-units",
        currency="JPY",
        threshold="1000",
        tax_basis_points=1_021,
        months=(
            # 10.21 % of 12345.6789 = 1260.49381569, rounded to 1260.493816
            Month(
                moves=(moved("accrual", "12345.6789"),),
                lines=(("accrued", "12345.6789"), ("withheld", "-1260.493816")),
                closing="11085.185084",
                payable="11085.185084",
            ),
        ),
    ),
    # -- disputes
    Case(
        name="a dispute won: what was held is released",
        months=(
            Month(
                moves=(moved("accrual", "9"), moved("dispute_release", "4")),
                lines=(("accrued", "9"), ("adjusted", "4")),
                closing="13",
                payable="13",
            ),
        ),
    ),
    Case(
        name="a dispute opened and won in the next month",
        tax_basis_points=1_000,
        months=(
            Month(
                moves=(moved("accrual", "9"), moved("dispute_hold", "-4")),
                lines=(("accrued", "9"), ("adjusted", "-4"), ("withheld", "-0.5")),
                closing="4.5",
                payable="4.5",
            ),
            Month(
                period="2026-12",
                moves=(moved("payout", "-4.5"), moved("dispute_release", "4")),
                lines=(("adjusted", "4"), ("paid", "-4.5"), ("withheld", "-0.4")),
                closing="3.6",
                payable="3.6",
            ),
        ),
    ),
    Case(
        name="a dispute lost after the payout leaves a debt",
        opening=carried("9", untaxed="0"),
        months=(
            Month(
                moves=(moved("payout", "-9"), moved("dispute_return", "-4")),
                lines=(("adjusted", "-4"), ("paid", "-9")),
                closing="-4",
                untaxed="-4",
            ),
        ),
    ),
    Case(
        name="a dispute split in half",
        months=(
            Month(
                moves=(moved("accrual", "10"), moved("dispute_hold", "-10"), moved("dispute_split", "5")),
                lines=(("accrued", "10"), ("adjusted", "-10"), ("adjusted", "5")),
                closing="5",
                payable="5",
            ),
        ),
    ),
    Case(
        name="a review that was released counts as earned when it is released",
        months=(
            Month(
                moves=(moved("accrual", "1"), moved("release", "2")),
                lines=(("accrued", "1"), ("adjusted", "2")),
                closing="3",
                payable="3",
            ),
        ),
    ),
    # -- negative carry
    Case(
        name="a debt is carried until it is made up for",
        months=(
            Month(moves=(moved("reversal", "-8"),), lines=(("adjusted", "-8"),), closing="-8", untaxed="-8"),
            Month(
                period="2026-12", moves=(moved("accrual", "5"),), lines=(("accrued", "5"),), closing="-3", untaxed="-3"
            ),
            Month(
                period="2027-01", moves=(moved("accrual", "5"),), lines=(("accrued", "5"),), closing="2", payable="2"
            ),
        ),
    ),
    Case(
        name="nothing is reserved while a debt stands",
        opening=carried("-8"),
        reserve=(1_000, 3),
        months=(Month(moves=(moved("accrual", "5"),), lines=(("accrued", "5"),), closing="-3", untaxed="-3"),),
    ),
    Case(
        name="only what is left after the debt is reserved",
        opening=carried("-8"),
        reserve=(1_000, 3),
        months=(
            # 10 - 8 = 2 free; 10 % of 2
            Month(
                moves=(moved("accrual", "10"),),
                lines=(("accrued", "10"), ("reserved", "-0.2")),
                closing="1.8",
                payable="1.8",
                reserved="0.2",
            ),
        ),
    ),
    Case(
        name="a debt is never payable whatever the threshold",
        opening=carried("-1"),
        months=(Month(closing="-1", untaxed="-1"),),
    ),
    Case(
        name="earnings taken back in the month they were made leave nothing",
        tax_basis_points=3_000,
        months=(
            Month(moves=(moved("accrual", "7"), moved("reversal", "-7")), lines=(("accrued", "7"), ("adjusted", "-7"))),
        ),
    ),
    Case(
        name="everything at once",
        opening=carried("-2"),
        threshold="10",
        reserve=(2_500, 6),
        tax_basis_points=3_000,
        months=(
            # earned 90 + 10 late - 8 + 10 topped up = 102; 100 after the debt; 40 recouped; 25 % of 60 reserved;
            # 45 payable, of which all are untaxed (-2 + 102 - 40 - 15 = 45): 30 % of 45
            Month(
                moves=(moved("accrual", "90"), moved("accrual", "10", late="2026-10"), moved("reversal", "-8")),
                guarantee="10",
                advance="40",
                lines=(
                    ("accrued", "90"),
                    ("late", "10"),
                    ("adjusted", "-8"),
                    ("topped_up", "10"),
                    ("recouped", "-40"),
                    ("reserved", "-15"),
                    ("withheld", "-13.5"),
                ),
                closing="31.5",
                payable="31.5",
                reserved="15",
            ),
        ),
    ),
)
