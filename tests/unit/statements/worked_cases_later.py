"""Cases of what comes later: retroactive facts, currencies, disputes, debts; by hand, with all lines in order."""

from .worked import Case, Month, carried, moved

CHANGED = (
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
