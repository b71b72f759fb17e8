"""Wire what money needs beside the books: policies, those that payouts go through, and who tells parties."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from provenance.bootstrap.foundation import Foundation
from provenance.royalties.dispute import Clocks
from provenance.royalties.pool import PoolPolicy
from provenance.royalties.review import HoldPolicy, Resolution
from provenance.services.deliver import Sender
from provenance.services.payment_provider import Payments

if TYPE_CHECKING:
    from provenance.adapters.bank_file.provider import BankFiles


class MoneyParts(Foundation):
    """Policies and providers."""

    @property
    def hold_policy(self) -> HoldPolicy:
        """What becomes of holds that nobody looks at."""
        return HoldPolicy(days=self.settings.review_days_max, resolution=Resolution(self.settings.review_resolution))

    @property
    def pool_policy(self) -> PoolPolicy:
        """What a close does with the unattributed pool."""
        return PoolPolicy(self.settings.pool_policy)

    @property
    def dispute_clocks(self) -> Clocks:
        """The clocks of disputes that are raised from now on."""
        settings = self.settings
        return Clocks(
            in_time_days=settings.dispute_in_time_days,
            response_days=settings.dispute_response_days,
            final_days=settings.dispute_final_days,
            raise_days_max=settings.dispute_raise_days,
        )

    @cached_property
    def webhook_sender(self) -> Sender:
        """What sends webhooks."""
        from provenance.adapters.webhook_sender import HttpxSender

        return HttpxSender(loopback=self.settings.webhook_loopback)

    @cached_property
    def payments(self) -> Payments:
        """What payouts go through: Stripe where its key is set. Raises `InvalidInput` for a setting that can't be."""
        from provenance.adapters.payments import PaymentSetup, open_payments

        settings = self.settings
        return open_payments(
            PaymentSetup(
                limits=settings.payout_limits,
                minimums=settings.payout_minimums,
                stripe_key=settings.stripe_key.get_secret_value(),
                stripe_secrets=settings.stripe_webhook_secrets.get_secret_value(),
                stripe_api_url=settings.stripe_api_url,
                stripe_country=settings.stripe_country,
                return_url=settings.payee_return_url,
            ),
            bank=self.bank,
        )

    @cached_property
    def bank(self) -> BankFiles | None:
        """Payouts by bank files, where the account that pays is set."""
        from provenance.adapters.bank_file.folder import BankFolder
        from provenance.adapters.bank_file.provider import BankFiles
        from provenance.bank_files.account import BankAccount, plain_iban
        from provenance.bank_files.transfer import Holder

        settings = self.settings
        if not settings.payer_iban:
            return None
        account = BankAccount(iban=plain_iban(settings.payer_iban), bic=settings.payer_bic or None)
        payer = Holder(name=settings.payer_name, account=account)
        return BankFiles(BankFolder(settings.bank_folder or settings.home / "bank"), payer, self.clock)
