//! One number for the whole logical state.

use core::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::exchange::Exchange;
use crate::ids::ValueCode;
use crate::modifiers::ModifierList;
use crate::routing::OwnHolds;
use crate::terms::{Clause, Kind, PayTerm, Payout, Test};
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
        self.bytes(text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        self.0.write(bytes);
    }

    fn all(&mut self, words: impl Iterator<Item = u64>) {
        words.for_each(|word| self.word(word));
    }

    fn clause(&mut self, clause: &Clause, listed: &[ValueCode]) {
        self.word(u64::from(clause.attribute.0));
        match clause.test {
            Test::AnyOf { .. } | Test::NoneOf { .. } => self.all(
                [u64::from(clause.test.is_excluding()), listed.len() as u64]
                    .into_iter()
                    .chain(listed.iter().map(|code| u64::from(code.0))),
            ),
            Test::InSet { set } => self.all([2, u64::from(set.0)].into_iter()),
            Test::NotInSet { set } => self.all([3, u64::from(set.0)].into_iter()),
            Test::Range { low, high } => self.all([4, low as u64, high as u64].into_iter()),
            Test::Is { value } => self.all([5, u64::from(value)].into_iter()),
            Test::Near { centre, radius } => {
                let [latitude, longitude] = [centre.latitude_micro, centre.longitude_micro].map(|micro| micro as u64);
                self.all([6, latitude, longitude, u64::from(radius.0)].into_iter());
            }
        }
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
        words.all(self.deals.words());
        self.digest_profiles(&mut words);
        words.all(self.policies.words());
        words.all(self.calls.words());
        words.all(self.quotas.words(self.settings.iter()));
        words.all(self.quotes.words());
        for (_, record) in self.calls.iter() {
            let Some(live) = record.live() else { continue };
            for taking in self.own_holds(live).into_iter().flat_map(OwnHolds::iter).filter_map(|(_, taking)| taking) {
                words.all(taking.words());
            }
        }
        words.all(self.auctions.words());
        self.digest_callers(&mut words);
        words.0.finish128().as_u128()
    }

    fn digest_callers(&self, words: &mut Words) {
        let callers = &self.callers;
        words.all(callers.suppressions.words());
        words.all(callers.frequencies.words());
        let profiles_max = self.genesis.limits.profiles_max;
        words.all(callers.duplicates.words(self.settings.iter(), profiles_max));
        for (place, screen, sequence) in callers.screens.iter() {
            words.all([place, sequence.0].into_iter());
            for (rule, listed) in screen.iter().flat_map(|screen| screen.iter()) {
                let leg = rule.leg.map_or(0, |leg| leg as u64 + 1);
                words.all([leg, u64::from(rule.unless), u64::from(rule.reason.code())].into_iter());
                words.clause(&rule.clause, listed);
            }
        }
    }

    fn digest_genesis(&self, words: &mut Words) {
        let genesis = &self.genesis;
        words.wide(genesis.log.0);
        words.wide(genesis.seed);
        let currency = genesis.currency.0.map(u64::from);
        words.all([u64::from(genesis.shard), u64::from(genesis.rules_version)].into_iter().chain(currency));
        words.all(genesis.limits.words());
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
                Kind::Set { values_max } => {
                    words.all([1, u64::from(values_max)].into_iter());
                    // Who excludes values of it takes lines that others may take before.
                    if attribute.lines.excluding_missing() > 0 {
                        words.word(u64::MAX);
                    }
                }
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
                    // A role is a few bits, and 0 above them is an open account's.
                    account.role as u64 | account.closed.map_or(0, |closed| closed.0 << 8),
                    // The same of one that never moved.
                    u64::from(account.zone.0) | account.moved.0 << 16,
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
            // A pricing rule is a bit, and 0 above it is that of a listing on the market.
            let pricing = listing.pricing as u64 | listing.delisted.0 << 8;
            words.all([u64::from(listing.seller), u64::from(listing.vertical.0), pricing].into_iter());
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
                    u64::from(listing.tells_price_to_win),
                    listing.disclosed.0,
                    listing.fingerprint,
                    listing.sequence.0,
                ]
                .into_iter(),
            );
            let window = &listing.window;
            let answer_within = u64::from(window.answer_within.0);
            words.all([u64::from(window.early_close), answer_within, window.set.0].into_iter());
            words.all([u64::from(listing.private), listing.private_set.0, listing.deals_changed.0].into_iter());
            let delivery = self.delivery.of_listing(slot);
            words.all(delivery.words());
            if let Some(target) = delivery.fallback {
                words.bytes(target.destination.as_bytes());
            }
        }
    }

    fn digest_profiles(&self, words: &mut Words) {
        for (slot, profile) in self.profiles.iter() {
            let filed = self.profiles.filed(slot);
            words.wide(profile.id.0);
            // Targeting, terms, caps and destinations are fixed at creation; the fingerprint stands for them.
            words.all(
                [
                    u64::from(slot),
                    u64::from(profile.buyer),
                    filed.fingerprint,
                    profile.created.0,
                    filed.switched.0,
                    self.policies.won(slot).0,
                    profile.bid_sequence.0,
                    u64::from(profile.paused),
                    u64::from(profile.bids),
                ]
                .into_iter(),
            );
            words.money(profile.bid);
            words.all(profile.caps.words());
            for (place, further) in self.conjunctions.of(slot) {
                words.all([u64::from(place), further.fingerprint, further.sequence.0].into_iter());
            }
            let settings = self.settings.of(slot);
            words.word(self.modifiers.changed(settings).max(profile.created).0);
            words.all(self.modifiers.of(settings).into_iter().flat_map(ModifierList::words));
            words.all(self.delivery.of_profile(settings).words(profile.created));
            words.all(self.policies.grade(settings).words());
        }
    }
}
