//! One number for the whole logical state.

use core::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::exchange::Exchange;
use crate::terms::{Kind, PayTerm, Payout};
use crate::units::Money;

/// Feeds words to the hash in one fixed byte order, whatever the machine's.
struct Words(SipHasher13);

impl Words {
    fn word(&mut self, word: u64) {
        self.0.write(&word.to_le_bytes());
    }

    fn wide(&mut self, word: u128) {
        self.0.write(&word.to_le_bytes());
    }

    fn money(&mut self, money: Money) {
        self.word(money.micros() as u64);
    }

    fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        self.0.write(text.as_bytes());
    }

    fn all(&mut self, words: impl Iterator<Item = u64>) {
        words.for_each(|word| self.word(word));
    }

    fn term(&mut self, term: PayTerm) {
        match term {
            PayTerm::OnConnect => self.word(0),
            PayTerm::After { seconds, from } => self.all([1, u64::from(seconds.0), from as u64].into_iter()),
        }
    }
}

impl Exchange {
    /// A hash of everything that can decide an outcome: two exchanges with the same digest answer every further command
    /// alike. The order of rows in the index and its stale bits are no part of it.
    ///
    /// SipHash-1-3 with 128 bits (Aumasson and Bernstein, 2012) under a fixed key: a comparison of states, not a seal.
    #[must_use]
    pub fn digest(&self) -> u128 {
        let mut words = Words(SipHasher13::new_with_keys(0x6463_652d_656e_6769, 0x6e65_2d64_6967_6573));
        self.digest_genesis(&mut words);
        words.all([self.sequence.0, self.last_at.micros()].into_iter());
        self.digest_schema(&mut words);
        words.all(self.zones.words());
        self.digest_accounts(&mut words);
        words.all(self.sessions.words());
        for (_, calendar) in self.calendars.iter() {
            words.wide(calendar.id.0);
            words.all(calendar.words());
        }
        self.digest_listings(&mut words);
        self.digest_profiles(&mut words);
        words.all(self.policies.words());
        words.all(self.calls.words());
        words.all(self.auctions.words());
        words.0.finish128().as_u128()
    }

    fn digest_genesis(&self, words: &mut Words) {
        let genesis = &self.genesis;
        words.wide(genesis.log.0);
        words.wide(genesis.seed);
        let currency = genesis.currency.0.map(u64::from);
        words.all([u64::from(genesis.shard), u64::from(genesis.rules_version)].into_iter().chain(currency));
        words.all(genesis.limits.words().into_iter());
    }

    fn digest_schema(&self, words: &mut Words) {
        for (id, attribute) in self.schema.attributes() {
            words.word(u64::from(id.0));
            if let Some(declaration) = self.schema.declaration(id) {
                words.text(declaration.name.as_str());
                words.word(declaration.sequence.0);
            }
            match attribute.kind {
                Kind::Category { values_max } => words.all([0, u64::from(values_max)].into_iter()),
                Kind::Set { values_max } => words.all([1, u64::from(values_max)].into_iter()),
                Kind::Integer { decimals, low, high } => {
                    words.all([2, u64::from(decimals), low as u64, high as u64].into_iter());
                }
                Kind::Boolean => words.word(3),
                Kind::Point => words.word(4),
            }
        }
        for value in self.schema.vocabulary.iter() {
            words.all([u64::from(value.attribute.0), u64::from(value.code.0), value.sequence.0].into_iter());
            words.text(value.name.as_str());
        }
        for (id, set) in self.schema.value_sets.iter() {
            words.all([u64::from(id.0), u64::from(set.attribute.0), u64::from(set.total), set.sequence.0].into_iter());
            words.all(self.schema.value_sets.values(id).iter().map(|code| u64::from(code.0)));
        }
    }

    fn digest_accounts(&self, words: &mut Words) {
        for (slot, account) in self.accounts.iter() {
            words.wide(account.id.0);
            words.all(
                [
                    account.role as u64,
                    u64::from(account.zone.0),
                    account.fingerprint,
                    account.sequence.0,
                    account.session_last,
                    account.session_sequence.0,
                ]
                .into_iter(),
            );
            let money = self.ledger.of(slot);
            words.money(money.balance);
            words.money(money.held);
            words.money(money.expected);
        }
        for movement in self.movements.iter() {
            words.wide(movement.id.0);
            words.all(
                [u64::from(movement.account), movement.fingerprint, movement.sequence.0, movement.entered_at.micros()]
                    .into_iter(),
            );
        }
    }

    fn digest_listings(&self, words: &mut Words) {
        for (slot, listing) in self.listings.iter() {
            words.wide(listing.id.0);
            words.all(self.policies.of_listing(slot).words());
            words.all([u64::from(listing.seller), u64::from(listing.vertical.0), listing.pricing as u64].into_iter());
            words.money(listing.reserve);
            words.money(listing.increment);
            match listing.payout {
                Payout::Fixed(amount) => words.money(amount),
                Payout::Share(share) => words.word(u64::from(share.0) | 1 << 63),
            }
            words.term(listing.payout_term);
            words.money(listing.margin_min);
            words.all(
                [
                    u64::from(listing.duration_max.0),
                    u64::from(listing.open),
                    u64::from(listing.withdrawable),
                    listing.fingerprint,
                    listing.sequence.0,
                ]
                .into_iter(),
            );
        }
    }

    fn digest_profiles(&self, words: &mut Words) {
        for (slot, profile) in self.profiles.iter() {
            words.wide(profile.id.0);
            // Targeting, terms, caps and destinations are fixed at creation; the fingerprint stands for them.
            words.all(
                [
                    u64::from(slot),
                    u64::from(profile.buyer),
                    profile.fingerprint,
                    profile.created.0,
                    profile.switched.0,
                    self.policies.won(slot).0,
                    profile.bid_sequence.0,
                    u64::from(profile.paused),
                    u64::from(profile.bids),
                ]
                .into_iter(),
            );
            words.money(profile.bid);
            words.all(profile.caps.words());
            words.all(self.policies.grade(slot).words());
        }
    }
}
