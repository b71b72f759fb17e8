"""The cases, by hand. Each month's lines are all of its lines, in order."""

from .worked import Case, Month, carried, moved

OWED = (
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
)
