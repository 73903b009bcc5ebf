//! Which facts keep a call from being sold: registries, signatures and models speak at the edge, the core judges.

use alloc::boxed::Box;

use crate::accounts::PLATFORM;
use crate::collections::Slab;
use crate::ids::{Sequence, ValueCode};
use crate::limits::{Limits, SCREEN_RULES_MAX, SCREEN_VALUES_MAX};
use crate::terms::ScreenRule;

/// The rules of one listing, seller, or of the platform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    rules: [ScreenRule; SCREEN_RULES_MAX],
    values: [ValueCode; SCREEN_VALUES_MAX],
    rules_count: u8,
    values_count: u8,
}

impl Screen {
    pub(crate) fn new(rules: &[ScreenRule], values: &[ValueCode]) -> Self {
        let mut screen = Self {
            rules: [ScreenRule::default(); SCREEN_RULES_MAX],
            values: [ValueCode::UNKNOWN; SCREEN_VALUES_MAX],
            rules_count: rules.len() as u8,
            values_count: values.len() as u8,
        };
        screen.rules[..rules.len()].copy_from_slice(rules);
        screen.values[..values.len()].copy_from_slice(values);
        screen
    }

    pub(crate) fn values(&self) -> &[ValueCode] {
        &self.values[..usize::from(self.values_count)]
    }

    pub(crate) fn rules(&self) -> &[ScreenRule] {
        &self.rules[..usize::from(self.rules_count)]
    }

    /// Each rule with the values it lists, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ScreenRule, &[ValueCode])> {
        let mut values = self.values();
        self.rules().iter().map(move |rule| {
            let (listed, rest) = values.split_at(rule.clause.test.listed());
            values = rest;
            (rule, listed)
        })
    }
}

/// Whose screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// All listings of this account; of the platform, all there are.
    Account(u32),
    /// This listing.
    Listing(u32),
}

/// Where there is no screen.
const NONE: u32 = u32::MAX;

/// See the [module](self). Invariant: every screen belongs to one place.
#[derive(Clone, Debug)]
pub(crate) struct Screens {
    screens: Slab<Screen>,
    /// The screen of each, and the last command that set or lifted it.
    accounts: Box<[(u32, Sequence)]>,
    listings: Box<[(u32, Sequence)]>,
}

impl Screens {
    pub(crate) fn new(limits: &Limits) -> Self {
        let places = |count: u32| alloc::vec![(NONE, Sequence(0)); count as usize].into_boxed_slice();
        Self {
            screens: Slab::new(limits.screens_max),
            accounts: places(limits.accounts_max),
            listings: places(limits.listings_max),
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.screens.len() == 0
    }

    pub(crate) fn is_full(&self) -> bool {
        self.screens.is_full()
    }

    /// The screen there, if there is one.
    pub(crate) fn get(&self, place: Place) -> Option<&Screen> {
        self.screens.get(self.place(place).0)
    }

    /// The last command that set or lifted the screen there; 0 for none.
    pub(crate) fn sequence(&self, place: Place) -> Sequence {
        self.place(place).1
    }

    /// The screens a call of this seller under this listing meets, in order.
    pub(crate) fn met(&self, seller: u32, listing: u32) -> impl Iterator<Item = &Screen> {
        [Place::Account(PLATFORM), Place::Account(seller), Place::Listing(listing)]
            .into_iter()
            .filter_map(|place| self.get(place))
    }

    /// The screen there is this from now on; `None` lifts it.
    pub(crate) fn set(&mut self, place: Place, screen: Option<Screen>, sequence: Sequence) {
        let (known, _) = *self.place(place);
        let set = match (screen, known) {
            (None, NONE) => NONE,
            (None, known) => {
                self.screens.remove(known);
                NONE
            }
            (Some(screen), NONE) => self.screens.insert(screen).expect("Invariant: judged not full"),
            (Some(screen), known) => {
                self.screens[known] = screen;
                known
            }
        };
        let entry = match place {
            Place::Account(account) => &mut self.accounts[account as usize],
            Place::Listing(listing) => &mut self.listings[listing as usize],
        };
        *entry = (set, sequence);
    }

    fn place(&self, place: Place) -> &(u32, Sequence) {
        match place {
            Place::Account(account) => &self.accounts[account as usize],
            Place::Listing(listing) => &self.listings[listing as usize],
        }
    }

    /// The screen and the command that set it of every place where one ever was, for the digest.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, Option<&Screen>, Sequence)> {
        let places = self.accounts.iter().chain(&self.listings).zip(0_u64..);
        let set = places.filter(|((_, sequence), _)| sequence.0 != 0);
        set.map(|((screen, sequence), place)| (place, self.screens.get(*screen), *sequence))
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.screens.check()?;
        if self.iter().filter(|(_, screen, _)| screen.is_some()).count() == self.screens.len() as usize {
            Ok(())
        } else {
            Err("screens: every screen belongs to one place")
        }
    }
}
